"""Near-duplicates: texts whose sets of shingles overlap by a threshold or more, in clusters.

`shingling` says what a text's shingles are, `banding` how many hashes find which pairs, `signatures` computes band keys
for batches of texts (compiled, or plainly), `candidates` pairs texts that share a key, and `clustering` checks the
pairs exactly and joins them.
"""
