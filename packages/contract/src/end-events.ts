/** How a team ends, as webhooks are told of it. */
export const END_EVENTS = ['completed', 'failed', 'timed-out', 'budget-exceeded'] as const;
export type EndEvent = (typeof END_EVENTS)[number];

/** The end that a person means: `BudgetExceeded`, `budget-exceeded` and `budgetexceeded` are one. */
export function endEventOf(name: string): EndEvent | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  return END_EVENTS.find((event) => plain(event) === plain(name));
}
