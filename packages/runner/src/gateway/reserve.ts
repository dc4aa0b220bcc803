import type { ServerResponse } from 'node:http';
import { type Money, priceReply } from '@agentteam/ledger';
import { waitInDirectory } from '@agentteam/volume';
import type { MessagesContext } from './messages-context.ts';
import { BadRequestError } from './request/bad-request.ts';
import { dearestOutcome } from './request/dearest-outcome.ts';
import type { RequestFacts } from './request/request-facts.ts';

/**
 * Waits until the request's dearest outcome has room beside all others under way.
 * @throws BadRequestError where tools of the API's own are all that keeps it from having room: the agent
 * goes on without them.
 */
export async function reserve(
  { config, books, budget, reservations }: MessagesContext,
  facts: RequestFacts,
  response: ServerResponse,
): Promise<{ readonly id: string } | 'no room' | undefined> {
  if (reservations === undefined) return undefined;
  const price = (of: RequestFacts): Money =>
    priceReply(config.prices, of.model === undefined ? [] : [of.model], dearestOutcome(of)).usd;
  const amount = price(facts);
  const plain = facts.passes > 1 || facts.runsCode ? price({ ...facts, ...PLAIN }) : amount;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const attempt = async () => {
    if (budget.stopped !== undefined) return 'no room' as const;
    const result = await reservations.take(amount, async (team, own) => {
      await books.refresh();
      return budget.fits(amount, { team, own });
    });
    if ('id' in result) return result;
    if (amount > plain && !budget.fits(amount, NOTHING) && budget.fits(plain, NOTHING)) {
      throw new BadRequestError(
        'with the tools that the API runs for it this request could cost more than is left of the ' +
          'budget, and onLimit is reserve; go on without them',
      );
    }
    if (result.wait) return undefined;
    budget.stop(budget.tightest(), amount);
    return 'no room' as const;
  };
  return waitInDirectory(reservations.directory, attempt, { signal: gone.signal });
}

const NOTHING = { team: 0n, own: 0n };

/** What a request would be without tools that the API runs. */
const PLAIN = {
  passes: 1,
  advisors: [],
  webSearches: 0,
  promptTokens: 0,
  runsCode: false,
} as const;
