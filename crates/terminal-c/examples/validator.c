/* A validator in C: opens its terminal, takes a ride from a card that is torn out and comes back, seals a package.
 *
 * cc validator.c -I ../include -L TARGET -ltongclear_terminal_c -lpthread -ldl -lm
 * ./a.out TERMINAL_FOLDER CARD_JSON KEYS_TOML REGISTRY_TOML OUT_FOLDER
 *
 * A real validator gives its own reader as TcTransport.exchange; here card and PSAM are simulated. */
#include <stdio.h>
#include <string.h>

#include "tongclear_terminal.h"

static int failed(const char *what, const TcTerminal *terminal) {
    fprintf(stderr, "%s: %s\n", what, terminal ? tc_terminal_error(terminal) : "");
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: validator TERMINAL CARD KEYS REGISTRY OUT\n");
        return 2;
    }
    char error[256] = "";
    TcTerminal *terminal = tc_terminal_open(argv[1], error, sizeof error);
    if (!terminal) {
        fprintf(stderr, "open: %s\n", error);
        return 1;
    }
    const uint8_t id[6] = {0x65, 0x10, 0x00, 0x00, 0x00, 0x01};
    TcSimulated *card = tc_simulated_card(argv[2], argv[3]);
    TcSimulated *psam = tc_simulated_psam(id, argv[3], argv[4]);
    if (!card || !psam) return failed("simulated card or PSAM", NULL);

    TcTransport card_slot = {tc_simulated_exchange, card};
    TcTransport psam_slot = {tc_simulated_exchange, psam};
    TcAsked ride = {.kind = TC_ASKED_KIND_RIDE};
    TcOutcome outcome;

    tc_terminal_set_stop(terminal, 7, 1);
    /* The passenger pulls the card away before the debit's answer (INS 54) has come … */
    tc_simulated_tear(card, 0x54);
    if (tc_terminal_present(terminal, &card_slot, &psam_slot, &ride, &outcome) != TC_RESULT_OK)
        return failed("present", terminal);
    printf("%s %d\n", outcome.verdict, outcome.lets_through);
    /* … and presents it again: the proof is recovered, nothing is taken twice. */
    if (tc_terminal_present(terminal, &card_slot, &psam_slot, &ride, &outcome) != TC_RESULT_OK)
        return failed("present", terminal);
    printf("%s %d %u %s\n", outcome.verdict, outcome.lets_through, outcome.balance_fen, outcome.serial);
    if (tc_terminal_present(terminal, &card_slot, &psam_slot, &ride, &outcome) != TC_RESULT_OK)
        return failed("present", terminal);
    printf("%s %d %u\n", outcome.verdict, outcome.lets_through, outcome.balance_fen);
    /* Without a PSAM nobody rides. */
    if (tc_terminal_present(terminal, &card_slot, NULL, &ride, &outcome) != TC_RESULT_OK)
        return failed("present", terminal);
    printf("%s %d\n", outcome.verdict, outcome.lets_through);

    uint32_t sequence = 0;
    if (tc_terminal_seal(terminal, &sequence) != TC_RESULT_OK) return failed("seal", terminal);
    if (tc_terminal_copy_packages(terminal, argv[5]) != TC_RESULT_OK) return failed("copy", terminal);
    TcCounts counts;
    if (tc_terminal_counts(terminal, &counts) != TC_RESULT_OK) return failed("counts", terminal);
    printf("package %u, %llu paid, %llu open\n", sequence, (unsigned long long)counts.paid,
           (unsigned long long)counts.open);
    if (tc_terminal_apply_result(terminal, "nowhere.csv", NULL) == TC_RESULT_OK) return 1;
    if (tc_terminal_seal(NULL, NULL) != TC_RESULT_BAD_ARGUMENT) return 1;

    tc_simulated_free(card);
    tc_simulated_free(psam);
    tc_terminal_close(terminal);
    return 0;
}
