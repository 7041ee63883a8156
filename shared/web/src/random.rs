//! Randomness from the operating system.

/// 32 random bytes (256 bits), for secrets.
pub fn bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    // Without randomness no secret can be made, and a function that cannot make one must not go on.
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// 128 random bits, for identifiers.
pub fn number() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    u128::from_ne_bytes(bytes)
}
