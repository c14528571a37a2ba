//! Tokens and lists of them, as anybody may write them: read or refused, and nobody is let in whose token was not signed.
//! The input is a list of access tokens, and behind an empty line what is shown.

#![no_main]

use edgewise_engine::{
    AccessTokens, Forced, Session, debug, is_session_token, token_hash,
};
use libfuzzer_sys::fuzz_target;

const KEY: &[u8] = b"a key of a test, which nobody knows";
const NOW: u64 = 1_795_262_400;

fuzz_target!(|input: &[u8]| {
    let cut = input.windows(2).position(|two| two == b"\n\n").unwrap_or(input.len());
    let (list, shown) = input.split_at(cut);
    let shown = String::from_utf8_lossy(shown.get(2..).unwrap_or_default());

    let (tokens, unreadable) = AccessTokens::read(list);
    let lines = list.split(|byte| *byte == b'\n').count();
    assert!(unreadable.iter().all(|line| (1..=lines).contains(line)));
    assert!(unreadable.is_sorted_by(|a, b| a < b));
    // A hash cannot be met by chance.
    assert!(tokens.holder(&shown, NOW).is_none());
    assert!(Session::verify(KEY, &shown, &tokens, NOW).is_err());
    assert!(debug::verify(KEY, &shown, NOW).is_err());
    assert!(Forced::verify(KEY, &shown, NOW).is_err());

    // With one more line somebody is let in, whatever stands before it.
    let mut list = list.to_vec();
    list.extend(format!("\n{} publisher ada\n", token_hash("ew_1")).bytes());
    let (tokens, again) = AccessTokens::read(&list);
    assert_eq!(again, unreadable);
    let holder = tokens.holder("ew_1", NOW).expect("it is in the list").clone();
    let session = Session { holder, issued_at: NOW };
    let token = session.sign(KEY);
    assert!(is_session_token(&token));
    assert_eq!(Session::verify(KEY, &token, &tokens, NOW).as_ref(), Ok(&session));
    // Not with anything changed in the token, nor for another use.
    let link = debug::sign(KEY, NOW + 60);
    assert_eq!(debug::verify(KEY, &link, NOW), Ok(()));
    assert!(debug::verify(KEY, &token, NOW).is_err());
    assert!(Session::verify(KEY, &link, &tokens, NOW).is_err());
    let place = usize::from(input.first().copied().unwrap_or_default());
    for good in [token, link] {
        let place = place % (good.len() + 1);
        for other in [
            format!("{good}{shown}"),
            format!("{}{shown}{}", &good[..place], &good[place..]),
        ] {
            if other != good {
                assert!(Session::verify(KEY, &other, &tokens, NOW).is_err(), "{other}");
                assert!(debug::verify(KEY, &other, NOW).is_err(), "{other}");
            }
        }
    }
});
