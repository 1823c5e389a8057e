//! An error and its causes as words on one line.

/// An error with its causes, each once, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = causes(error);
    if causes.is_empty() {
        error.to_string()
    } else {
        format!("{error}: {causes}")
    }
}

/// An error's causes, which say why where the error itself says what; nothing when it has none.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_words = cause.to_string();
        if !words.iter().any(|word| word.contains(&cause_words)) {
            words.push(cause_words);
        }
        next = cause.source();
    }
    words.join(": ")
}
