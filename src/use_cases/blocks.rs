//! Results made of blocks of four bits (`CDR1` kinds 1 and 2).
