/** How a team ends, as webhooks are told of it. */
export type EndEvent = 'completed' | 'failed' | 'timed-out' | 'budget-exceeded';

/** Agents wait because the provider of the model turns them away. */
export const WAIT_EVENT = 'waiting-for-provider';

/** What a team's webhook is told of. */
export const WEBHOOK_EVENTS: readonly WebhookEvent[] = [
  'completed',
  'failed',
  'timed-out',
  'budget-exceeded',
  WAIT_EVENT,
];
export type WebhookEvent = EndEvent | typeof WAIT_EVENT;

/** The event that a person means: `BudgetExceeded`, `budget-exceeded` and `budgetexceeded` are one. */
export function webhookEventOf(name: string): WebhookEvent | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  return WEBHOOK_EVENTS.find((event) => plain(event) === plain(name));
}

/** @param wanted the names that a team gives; none stands for all. */
export function isWantedEvent(event: WebhookEvent, wanted: readonly string[] = []): boolean {
  return wanted.length === 0 || wanted.some((name) => webhookEventOf(name) === event);
}
