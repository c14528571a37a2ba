//! Every route with every role.

use edgewise_wasm_tests::{EDITOR, PUBLISHER, TOKEN, VIEWER};

use crate::Role;
use crate::routes::{ROUTES, path};
use crate::support::{api, problem, site};

#[test]
fn every_route_asks_for_its_role() {
    let site = site();
    let holders = [
        (VIEWER, Some(Role::Viewer)),
        (EDITOR, Some(Role::Editor)),
        (PUBLISHER, Some(Role::Publisher)),
        // An admin may do all that a publisher may.
        (TOKEN, Some(Role::Publisher)),
    ];
    for route in ROUTES {
        let what = format!("{} {}", route.method, route.path);
        let request = || site.request(route.method, &api(&path(route)));
        let stranger = request().send();
        if route.role.is_some() {
            assert_eq!(stranger.status, 401, "{what}");
            assert_eq!(problem(&stranger)["code"], "unauthorized", "{what}");
        } else {
            stranger.is(200);
        }
        for (token, role) in holders {
            let reply = request().bearer(token).send();
            let is_refused = role < route.role;
            assert_eq!(
                reply.status == 403,
                is_refused,
                "{what} as {role:?}: {}",
                reply.brief()
            );
            if is_refused {
                assert_eq!(problem(&reply)["code"], "role", "{what} as {role:?}");
            }
        }
    }
}

#[test]
fn whoever_may_not_come_in_is_not_told_what_there_is() {
    let site = site();
    for (method, path) in [("GET", "/nothing"), ("DELETE", "/live"), ("POST", "/me")] {
        site.request(method, &api(path)).send().is(401);
        let known = site.request(method, &api(path)).bearer(VIEWER).send();
        assert!(matches!(known.status, 404 | 405), "{}", known.brief());
    }
}
