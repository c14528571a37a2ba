pub(super) fn is_bot(_user_agent: &str) -> bool {
    false
}
