//! Addresses within the console.

/// Whether an address that a request names is a page of the console, and not a way out of it.
pub(crate) fn is_local(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let is_below = path == "/console" || path.starts_with("/console/");
    // Browsers take a backslash for a slash, and leave out tabs and line breaks.
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    // They also take a dot that is percent-encoded for a dot; our paths have no encoded characters.
    is_below
        && is_plain
        && !path.contains("//")
        && !path.contains('%')
        && !path.split('/').any(|segment| segment == "..")
}

/// A path with these parameters; those without a value are left out.
pub(crate) fn with_query<'n>(
    path: &str,
    parameters: impl IntoIterator<Item = (&'n str, Option<String>)>,
) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// An address with a parameter added.
pub(crate) fn with_parameter(address: &str, name: &str, value: &str) -> String {
    let pair: String = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}{pair}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_console_are_local() {
        for (address, expected) in [
            ("/console", true),
            ("/console/visits/7?done=cancelled#history", true),
            ("/console?next=//evil.example", true),
            ("/", false),
            ("/consolex", false),
            ("//evil.example/console", false),
            ("https://evil.example/console", false),
            ("/console/../api/logout", false),
            ("/console/%2e%2e/api/user/logOut", false),
            ("/console/.%2E/api/user/logOut", false),
            ("/console?back=%2Fconsole", true),
            ("/console//evil.example", false),
            ("/console/\\evil.example", false),
            ("/console/\t/evil.example", false),
            ("/console/visits 7", false),
            ("", false),
        ] {
            assert_eq!(is_local(address), expected, "{address}");
        }
    }

    #[test]
    fn parameters_without_a_value_are_left_out() {
        let parameters = [("name", Some("张".to_owned())), ("from", None), ("tab", Some("a&b".to_owned()))];
        assert_eq!(with_query("/console/visits", parameters), "/console/visits?name=%E5%BC%A0&tab=a%26b");
        assert_eq!(with_query("/console/visits", [("from", None)]), "/console/visits");
    }

    #[test]
    fn a_parameter_is_added_to_any_address() {
        assert_eq!(with_parameter("/console", "next", "/a?b=c&d"), "/console?next=%2Fa%3Fb%3Dc%26d");
        assert_eq!(with_parameter("/console?x=1", "done", "张"), "/console?x=1&done=%E5%BC%A0");
    }
}
