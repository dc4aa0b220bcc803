import type { ServerResponse } from 'node:http';
import { waitInDirectory } from '@agentteam/volume';
import type { MessagesContext } from './messages-context.ts';
import { dearestOutcome } from './reply-account.ts';
import type { RequestFacts } from './request-body.ts';

/** Waits until the request's dearest outcome has room beside all others under way. */
export async function reserve(
  { config, books, budget, reservations }: MessagesContext,
  facts: RequestFacts,
  bytes: number,
  response: ServerResponse,
): Promise<{ readonly id: string } | 'no room' | undefined> {
  if (reservations === undefined) return undefined;
  const amount = dearestOutcome(config.prices, facts, bytes);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const attempt = async () => {
    if (budget.stopped !== undefined) return 'no room' as const;
    const result = await reservations.take(amount, async (team, own) => {
      await books.refresh();
      return budget.fits(amount, { team, own });
    });
    if ('id' in result) return result;
    if (result.wait) return undefined;
    budget.stop(budget.tightest(), amount);
    return 'no room' as const;
  };
  return waitInDirectory(reservations.directory, attempt, { signal: gone.signal });
}
