/** Events that say how a team ended. */
export type EndEvent = 'completed' | 'failed' | 'timed-out' | 'budget-exceeded';

/** Sent when an agent waits because the model's provider rejects its requests. */
export const WAIT_EVENT = 'waiting-for-provider';

/** All events that a team's webhook can receive. */
export const WEBHOOK_EVENTS: readonly WebhookEvent[] = [
  'completed',
  'failed',
  'timed-out',
  'budget-exceeded',
  WAIT_EVENT,
];
export type WebhookEvent = EndEvent | typeof WAIT_EVENT;

/** Reads an event's name. `BudgetExceeded`, `budget-exceeded` and `budgetexceeded` mean the same event. */
export function webhookEventOf(name: string): WebhookEvent | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  return WEBHOOK_EVENTS.find((event) => plain(event) === plain(name));
}

/** @param wanted the event names that the team lists; an empty list means every event. */
export function isWantedEvent(event: WebhookEvent, wanted: readonly string[] = []): boolean {
  return wanted.length === 0 || wanted.some((name) => webhookEventOf(name) === event);
}
