package sum

// Of adds numbers.
func Of(numbers ...int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}
