"""The texts of findings and of the data page in English. Names in braces are filled in."""

ENGLISH = {
    "data_page": "data",
    "data_subtitle": "{model} learns {task}: the data it learns from",
    # Findings, each with its remedy
    "refused": "{rows:row|rows} ({share}) could not be used: {named}.",
    "refused_remedy": "mend them; the ledger has each with its place; corpus.invalid_rows: refuse stops at the first "
    "and says what to do",
    "refused_for": "{rows} × {problem} (first: {first})",
    "fault_mark-up": "Of {texts:text|texts}, {rows:holds|hold} HTML entities or tags.",
    "fault_mark-up_remedy": "add the step `html` to corpus.cleaning",
    "fault_mojibake": "Of {texts:text|texts}, {rows:holds|hold} characters that were read in a wrong encoding.",
    "fault_mojibake_remedy": "add the step `repair` as the first of corpus.cleaning; where it does not help, get the "
    "file in its true encoding",
    "fault_replacement character": "Of {texts:text|texts}, {rows:holds|hold} U+FFFD: characters that were lost before.",
    "fault_replacement character_remedy": "get the file anew; it may mix encodings",
    "fault_private use character": "Of {texts:text|texts}, {rows:holds|hold} characters that one font alone knows.",
    "fault_private use character_remedy": "look which they were in the original, and put them in",
    "repeats": "Some rows repeat an earlier text: {each}.",
    "repeats_of": "{rows} in {split}",
    "repeats_remedy": "nothing, if they are true repetitions: one of each stays in train; boilerplate lines are taken "
    "out by the step `boilerplate`",
    "missing": "{count:row lacks|rows lack} a value: left out.",
    "missing_remedy": "complete them, or set `missing: fill`",
    "undecodable": "{count:byte is no character|bytes are no characters} of the encoding: U+FFFD took their place.",
    "undecodable_remedy": "ask for the files anew in UTF-8, or name their `encoding`",
    "line_ends": "Line ends of several kinds stand in {files:file|files}: {named}.",
    "line_ends_of": "{path} ({counts})",
    "line_ends_remedy": "nothing, they are read as one; a file that a tool broke or that was put together of several "
    "shows so: look whether rows were lost",
    "byte_order_mark": "{files:file begins|files begin} with a byte-order mark: {named}.",
    "byte_order_mark_remedy": "nothing, it is taken off; other programs read it as part of the first column's name",
    "case_lost": "The step `case` makes all letters small, and the model would tell capitals apart.",
    "case_lost_remedy": "take the step out of corpus.cleaning, or choose an uncased model",
    "broken_cells": "{rows:row has a line break|rows have line breaks} inside a cell (first: {first}).",
    "broken_cells_remedy": "nothing, if the cells are meant so: the step `whitespace` makes spaces of them; a "
    "quotation mark that is not closed swallows rows: look at the first",
    "cut_split": "{rows} of {all} in {split}",
    "cut_tokens": "Rows of more than {window} tokens would lose their ends: {each}; together {amount} tokens ({share} "
    "of all).",
    "cut_tokens_remedy": "raise task.max_length, if the model can read more; tuning.largest_cut says from which share "
    "of rows on to stop",
    "cut_entities": "Entities begin or end inside a token, and cannot be learned or found exactly: {amount} of them, "
    "in rows: {each}.",
    "cut_entities_remedy": "check that start and end count characters (not tokens, bytes or UTF-16 units), and correct "
    "the spans; or set task.subtokens: all where it is first",
    "overlap": "{texts:text stands|texts stand} in both {first} and {second} ({rows:row|rows} of "
    "{first}); nothing was taken out.",
    "overlap_remedy": "results may flatter; corpus.deduplication.overlap: remove_from_train takes them out",
    "overlap_removed": "{texts:text stands|texts stand} in both {first} and {second}; {rows:row was|rows were} taken "
    "out of {first}.",
    "overlap_removed_remedy": "compare with published results with care: they may have been trained on these rows",
    "conflicts": "{texts:text carries|texts carry} more than one answer ({rows:row|rows}).",
    "conflicts_remedy": "correct the labels; corpus.deduplication.conflicts decides what happens",
    "near": "{rows} rows are near-duplicates of one another, in {clusters:cluster|clusters}; the largest has {largest} "
    "(the first is {place}).",
    "near_remedy": "splits that are made here never part them; corpus.deduplication.near decides whether one of each "
    "stays",
    "near_dropped": "{rows:row was|rows were} left out, being nearly equal to one that stays.",
    "near_dropped_remedy": "look whether the right one stays: of versions of one document the newest does with "
    "corpus.deduplication.stays: newest and a column of times; corpus.deduplication.near: {{unlabelled: keep}} keeps "
    "all",
    "near_overlap": "{rows:row|rows} of {first} with nearly the text of a row of {second}; nothing was taken out.",
    "near_overlap_remedy": "results may flatter; corpus.deduplication.near.overlap: remove_from_train takes them out",
    "near_overlap_removed": "{rows:row was|rows were} taken out of {first}, with nearly the text of a row of {second}.",
    "near_overlap_removed_remedy": "compare with published results with care: they may have been trained on these rows",
    "near_conflicts": "{rows:training row has|training rows have} near-duplicates with another answer.",
    "near_conflicts_remedy": "look at them on the data page: many such pairs are mistakes of labelling",
    "no_test": "There is no test split: results will be those on validation, which also chose the checkpoint.",
    "no_test_remedy": "give a source `split: test`, or set corpus.splitting.test",
    "small_validation": "Validation has {rows:row|rows}: the best checkpoint is chosen with much chance.",
    "small_validation_remedy": "raise corpus.splitting.validation, or label more rows",
    "rare_labels": "{labels:label has|labels have} fewer than {least} training examples: {named}.",
    "rare_labels_remedy": "label more of them, or merge them with a neighbour",
    "untested_labels": "{labels:label of train stands|labels of train stand} in no row of test: {named}.",
    "untested_labels_remedy": "the result says nothing of them; put rows of them into test",
    "alike_labels": "Some labels differ by case, width, spacing or punctuation alone: {named}.",
    "alike_labels_remedy": "if they mean the same, give them one name",
    "broken_labels": "{labels:label holds|labels hold} characters that were lost: {named}.",
    "broken_labels_remedy": "get the file anew in UTF-8; it may mix encodings",
    "shared_groups": "{groups:group stands|groups stand} in both {first} and {second} ({first_rows} and "
    "{second_rows:row|rows}).",
    "shared_groups_remedy": "give each group to one split; rows without a given split are divided so",
    "drift": "The labels of {first} and {second} differ by {share}, more than chance makes: {shares}.",
    "drift_remedy": "check how the splits were made; results hold for the mixture of labels that was tested",
    "drift_share": "{label} {first} and {second}",
    "inversion": "{rows:row|rows} of {first} came later than the oldest row of {second}.",
    "inversion_remedy": "where the model will meet the future, split by time: corpus.splitting: {{kind: time}}",
    "leakage_flatters": "Splits of single rows by chance flatter the result: the baseline's {metric} is {honest} on "
    "these splits, {random} on random ones of as many rows (difference {difference}).",
    "leakage_flatters_remedy": "believe the first number; whoever splits rows by chance reports the second",
    "leakage_none": "Splits of single rows by chance are not shown to flatter the result: the baseline's {metric} is "
    "{honest} on these splits, {random} on random ones of as many rows (difference {difference}).",
    "leakage_none_remedy": "nothing; the splits as they are stay the ones to report",
    "identifiers": "Of {texts} texts looked at, some hold what identifies a person: {named}.",
    "identifiers_remedy": "set corpus.deidentification, or clean the files with `vocation deidentify`; names were not "
    "looked for",
    # Lengths
    "lengths": "Lengths beside what the model reads",
    "lengths_sentence": "The model reads {window} tokens at once. Longer texts are cut or read in windows, as the task "
    "does it.",
    "lengths_caption": "Tokens of a row, special ones included",
    "tokens_total": "tokens",
    "rows_cut": "rows that lose a part",
    "lost": "lost",
    "nothing_lost": "nothing",
    "lost_unit": "{amount} {unit}",
    "unit_tokens": "tokens",
    "unit_entities": "entities",
    "lengths_title": "Rows by their number of tokens.",
    "lengths_note": "The last bar holds all that are longer. The line is what the model reads at once.",
    "tokens_of_row": "tokens of a row",
    "rows_of_split": "rows",
    # Duplicates
    "duplicates": "Equal and nearly equal texts",
    "duplicates_sentence": "Texts are equal if they are after folding width, case and spacing.",
    "near_sentence": "{rows} rows are near-duplicates of one another, in {clusters} clusters. The largest:",
    "near_none": "No texts are nearly equal.",
    "near_off": "Near-duplicates were not looked for (corpus.deduplication.near is null).",
    "cluster": "{rows} rows: {place}",
    "not_kept": "(in no split)",
    # Splits
    "split_audit": "The splits beside one another",
    "audit_sentence": "Every two of train, validation and test, as they are used.",
    "audit_caption": "What stands on both sides",
    "what": "what",
    "equal_texts": "equal texts",
    "near_texts": "clusters of nearly equal texts",
    "groups": "groups",
    "between": "{first} / {second}",
    "sets": "how many",
    "rows_first": "rows of the first",
    "rows_second": "rows of the second",
    "example_pair": "for example",
    "audit_none": "No text, no cluster of nearly equal texts and no group stands on two sides.",
    "drift_caption": "How far the labels differ (half the sum of the differences of their shares)",
    "difference_share": "difference",
    "p_value": "p",
    "largest_shares": "largest differences",
    "inversion_caption": "Rows of an earlier split that are newer than the oldest of a later one",
    "leakage_title": "The baseline on these splits, and on random ones.",
    "leakage_honest": "these splits",
    "leakage_random": "random splits",
    "leakage_skipped": "What a random split would have promised was not measured: no row has a given split, a group, a "
    "time, or near-duplicates, or examination.leakage is false.",
    # Identifiers
    "identifiers_section": "Identifiers",
    "identifiers_sentence": "Identifiers with a form or a check digit in {texts} texts. Names and places, which have "
    "none, were not looked for.",
    "identifiers_caption": "What was found",
    "identifiers_none": "None was found in {texts} texts.",
    "identifiers_replaced": "The corpus was de-identified; what was replaced stands in the ledger below.",
    "identifiers_off": "They were not looked for (examination.texts is 0).",
    "identifier": "kind",
}
