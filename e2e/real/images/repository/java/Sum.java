final class Sum {
  static int of(int... numbers) {
    int total = 0;
    for (int n : numbers) total += n;
    return total;
  }
}
