LEAF_UNKNOWN = No operation of this hash has a place in the log yet
    .do = Check the hash; a new operation enters the next signed head within an hour: try again later.
HEAD_UNKNOWN = No head of the log is signed yet
    .do = A head is signed every hour at least: try again later.
HASH_UNREADABLE = The hash cannot be read
    .do = Write a SHA-256 in hexadecimal digits, lower case, 64 of them.
TREE_SIZE_UNKNOWN = No head of this size was signed
    .do = Take tree_size from /registry/log/heads; first must not exceed second.
