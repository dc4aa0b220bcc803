pub fn of(numbers: &[i32]) -> i32 {
    numbers.iter().sum()
}

#[test]
fn adds() {
    assert_eq!(of(&[1, 2, 3]), 6);
}
