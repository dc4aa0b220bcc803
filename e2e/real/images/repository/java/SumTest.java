final class SumTest {
  public static void main(String[] args) {
    if (Sum.of(1, 2, 3) != 6) throw new AssertionError();
    // Java looks its user up, and would write to a directory named ? if there were none.
    if (!System.getProperty("user.home").equals("/home/agent")) {
      throw new AssertionError(System.getProperty("user.home"));
    }
  }
}
