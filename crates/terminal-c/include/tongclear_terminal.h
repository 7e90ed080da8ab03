// The terminal library of Tongclear for C. Made from the Rust source by its tests; see docs/integrators.md.

#ifndef TONGCLEAR_TERMINAL_H
#define TONGCLEAR_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How an exchange with a card ended.
typedef enum {
  // The answer is complete, status word included.
  TC_TRANSPORT_RESULT_OK = 0,
  // The card left.
  TC_TRANSPORT_RESULT_CARD_GONE = 1,
  // The card was reset by somebody else.
  TC_TRANSPORT_RESULT_CARD_RESET = 2,
  // The reader is not there.
  TC_TRANSPORT_RESULT_READER_GONE = 3,
  // Anything else.
  TC_TRANSPORT_RESULT_FAULT = 4,
} TcTransportResult;

// How a call ended.
typedef enum {
  // Done.
  TC_RESULT_OK = 0,
  // An argument is null, not UTF-8, or out of range.
  TC_RESULT_BAD_ARGUMENT = 1,
  // A file or the configuration cannot be used; `tc_terminal_error` says which and why.
  TC_RESULT_REFUSED = 2,
  // The terminal's disk failed: let nobody through.
  TC_RESULT_DISK = 3,
  // A fault of the library.
  TC_RESULT_FAULT = 4,
} TcResult;

// What is asked of a card.
typedef enum {
  // A bus ride at the flat fare.
  TC_ASKED_KIND_RIDE = 0,
  // Through a metro gate, in.
  TC_ASKED_KIND_ENTER = 1,
  // Through a metro gate, out.
  TC_ASKED_KIND_EXIT = 2,
  // A shop's sum, under the till of terminal.toml.
  TC_ASKED_KIND_SALE = 3,
  // A bill for water, power or gas.
  TC_ASKED_KIND_BILL = 4,
} TcAskedKind;

// A card or a PSAM in software; `tc_simulated_exchange` is its transport's function, the handle its context.
typedef struct TcSimulated TcSimulated;

// A terminal; opened by `tc_terminal_open`, closed by `tc_terminal_close`.
typedef struct TcTerminal TcTerminal;

// Sends `command` and writes the answer with its status word to `answer`; `answer_len` holds the room there (at least 258
// bytes) and receives the answer's length.
typedef TcTransportResult (*TcExchange)(void *context,
                                        const uint8_t *command,
                                        uintptr_t command_len,
                                        uint8_t *answer,
                                        uintptr_t *answer_len);

// A slot: the function that talks to what lies in it, and what the function needs.
typedef struct {
  // Talks to the card.
  TcExchange exchange;
  // Handed back to `exchange` as it is.
  void *context;
} TcTransport;

// What is asked of a card, with what belongs to it.
typedef struct {
  // Which of them.
  TcAskedKind kind;
  // Fen, of a sale or a bill.
  uint32_t amount_fen;
  // Customer account of a bill, 10 bytes BCD.
  uint8_t account[10];
  // Meter reading of a bill.
  uint32_t meter_reading;
  // Billing period of a bill, BCD YYYYMM.
  uint8_t period[3];
} TcAsked;

// What came of a card.
typedef struct {
  // The verdict's name, such as `paid` or `not_enough_money`; the names are in docs/terminal.md.
  char verdict[32];
  // For the passenger, in Chinese, UTF-8.
  char verdict_zh[64];
  // For the passenger, in English.
  char verdict_en[128];
  // Whether the gate opens.
  bool lets_through;
  // Whether `amount_fen` says anything.
  bool has_amount;
  // Fen taken or given.
  uint32_t amount_fen;
  // Whether `balance_fen` says anything.
  bool has_balance;
  // Fen on the purse.
  uint32_t balance_fen;
  // The journal's line, 0 when there is none.
  int64_t tap;
  // Issuer id, 16 hex digits; empty when the card did not say it.
  char issuer[17];
  // Application serial, 20 digits.
  char serial[21];
  // Whether the record is marked as made in a degraded mode.
  bool is_degraded;
  // For the technician, UTF-8.
  char detail[256];
} TcOutcome;

// How many taps and packages are in which state.
typedef struct {
  // Whether they happened is not known.
  uint64_t open;
  // Happened.
  uint64_t paid;
  // Did not.
  uint64_t unpaid;
  // Happened, and not yet in a package.
  uint64_t waiting;
  // Packages that the centre has not received.
  uint64_t packages_to_send;
  // Packages received and not yet answered.
  uint64_t packages_unanswered;
  // Records that the centre did not accept.
  uint64_t not_accepted;
} TcCounts;

// A card of the file that `tongclear virtual-card issue` made, with keys of a key file; null when either cannot be used.
// What happens to it stays in memory.
//
// # Safety
// Both are null or zero-terminated strings.
TcSimulated *tc_simulated_card(const char *card,
                               const char *keys);

// A PSAM of the terminal with this id, with keys of a key file for the card operators of a registry.toml.
//
// # Safety
// `terminal_id` is null or 6 bytes; the others are null or zero-terminated strings.
TcSimulated *tc_simulated_psam(const uint8_t *terminal_id,
                               const char *keys,
                               const char *registry);

// Tears the card out at its next command with that instruction byte, after it has written: the answer is lost. It is back in
// the field at once.
//
// # Safety
// `card` is null or an open handle.
void tc_simulated_tear(TcSimulated *card,
                       uint8_t instruction);

// Frees a card or a PSAM; null is nothing.
//
// # Safety
// `simulated` is null or an open handle, which is not used again.
void tc_simulated_free(TcSimulated *simulated);

// A `TcExchange` whose context is a `TcSimulated`.
//
// # Safety
// As `TcExchange` says, with an open handle as `context`.
TcTransportResult tc_simulated_exchange(void *context,
                                        const uint8_t *command,
                                        uintptr_t command_len,
                                        uint8_t *answer,
                                        uintptr_t *answer_len);

// Opens the terminal in `folder` (made by `tongclear terminal init`) and locks it. Null when that fails; `error`, where it
// is not null, receives why: at most `error_len` bytes, zero-terminated.
//
// # Safety
// `folder` is null or a zero-terminated string; `error` is null or has room for `error_len` bytes.
TcTerminal *tc_terminal_open(const char *folder,
                             char *error,
                             uintptr_t error_len);

// Closes the terminal; null is nothing.
//
// # Safety
// `terminal` is null or an open handle, which is not used again.
void tc_terminal_close(TcTerminal *terminal);

// Why the last call on this terminal failed, UTF-8; valid until the next call.
//
// # Safety
// `terminal` is null or an open handle.
const char *tc_terminal_error(const TcTerminal *terminal);

// Deals with a card that was presented: recovers what it left open, checks it, takes the money, journals. `psam` is null when
// the terminal has none. `outcome` is written when the call ends with `TC_RESULT_OK`.
//
// # Safety
// `terminal` is an open handle; `card`, `psam` and `asked` are null or valid; `outcome` is null or a place for one outcome.
TcResult tc_terminal_present(TcTerminal *terminal,
                             const TcTransport *card,
                             const TcTransport *psam,
                             const TcAsked *asked,
                             TcOutcome *outcome);

// Says where the vehicle is now: the boarding stop of the records that follow.
//
// # Safety
// `terminal` is an open handle.
TcResult tc_terminal_set_stop(TcTerminal *terminal, uint16_t stop, uint8_t direction);

// Seals what waits into a package; `sequence` receives its number, or 0 when nothing waits.
//
// # Safety
// `terminal` is an open handle; `sequence` is null or a place for one number.
TcResult tc_terminal_seal(TcTerminal *terminal, uint32_t *sequence);

// Copies every package that the centre has not answered into `folder`.
//
// # Safety
// `terminal` is an open handle; `folder` is null or a zero-terminated string.
TcResult tc_terminal_copy_packages(TcTerminal *terminal, const char *folder);

// Sends packages and fetches results and lists by the way that terminal.toml names; nothing where it names none.
//
// # Safety
// `terminal` is an open handle.
TcResult tc_terminal_exchange(TcTerminal *terminal);

// Takes the centre's result file at `file`; `answered` receives how many packages it answers.
//
// # Safety
// `terminal` is an open handle; `file` is null or a zero-terminated string; `answered` is null or a place for one number.
TcResult tc_terminal_apply_result(TcTerminal *terminal,
                                  const char *file,
                                  uint32_t *answered);

// Takes new lists from the terminal's folder.
//
// # Safety
// `terminal` is an open handle.
TcResult tc_terminal_reload_lists(TcTerminal *terminal);

// How many taps and packages are in which state.
//
// # Safety
// `terminal` is an open handle; `counts` is null or a place for one structure.
TcResult tc_terminal_counts(TcTerminal *terminal, TcCounts *counts);

#endif  /* TONGCLEAR_TERMINAL_H */
