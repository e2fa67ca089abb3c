"""What is known of languages: where sentences end, what a word is, which language a text is in."""
