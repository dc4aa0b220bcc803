def of(*numbers: int) -> int:
    return sum(numbers)
