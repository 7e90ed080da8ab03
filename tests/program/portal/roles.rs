//! Every role at every address: let in exactly where the table of roles says so.

use tongclear_access::Role;

use super::api::{Opens, endpoints};
use super::server::Server;
use super::town;

/// No address is left out: those that the table does not know end the walk.
#[test]
fn every_role_opens_what_the_table_says_and_nothing_else() {
    let centre = town::settled();
    let before = centre.json(&["audit", "list"]);
    let server = Server::start(&centre);
    let stranger = server.stranger();
    let endpoints = endpoints(&stranger);
    let mut let_in = 0;
    for role in Role::ALL {
        let person = server.log_in(role.name());
        for endpoint in &endpoints {
            // It would be the person's last.
            if (&*endpoint.method, &*endpoint.path) == ("DELETE", "/v1/sessions") {
                continue;
            }
            let answer = person.send(endpoint.request(&person));
            let what = format!("{role} {} {}: {}", endpoint.method, endpoint.filled(), answer.status);
            assert!(answer.status < 500, "{what} {}", String::from_utf8_lossy(&answer.body));
            match endpoint.opens {
                Opens::May(action) if !role.may(action) => {
                    assert_eq!(answer.status, 403, "{what}");
                    answer.refused(403, &[role.name(), action.name()]);
                }
                Opens::May(_) | Opens::Known => {
                    assert!(![401, 403].contains(&answer.status), "{what} {}", answer.text());
                    let_in += 1;
                }
                // It asks who wants to come in, and the request names nobody.
                Opens::Everybody if endpoint.method == "POST" => answer.refused(401, &["password"]),
                Opens::Everybody => assert_eq!(answer.status, 200, "{what}"),
                Opens::Collector => answer.refused(401, &["certificate"]),
            }
        }
        person.delete("/v1/sessions").expect(204);
        person.get("/v1/sessions").refused(401, &[]);
    }
    assert!(let_in > 100, "{let_in}");

    for endpoint in &endpoints {
        let answer = stranger.send(endpoint.request(&stranger));
        match endpoint.opens {
            Opens::Everybody if endpoint.method == "GET" => drop(answer.expect(200)),
            _ => answer.refused(401, &[]),
        }
        for nonsense in ["", "tcs_", &format!("tct_{}", "0".repeat(64))] {
            let somebody = stranger.bearing(nonsense);
            if let Opens::May(_) | Opens::Known = endpoint.opens {
                somebody.send(endpoint.request(&somebody)).refused(401, &[]);
            }
        }
    }
    // All of that changed nothing.
    drop(server);
    assert_eq!(centre.json(&["audit", "list"]), before);
}
