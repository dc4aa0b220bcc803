import type { ServerResponse } from 'node:http';
import type { Money } from '@agentteam/contract';
import { priceReply } from '@agentteam/ledger';
import { waitInDirectory } from '@agentteam/volume';
import type { MessagesContext } from '../messages-context.ts';
import { BadRequestError } from '../request/bad-request.ts';
import type { RequestFacts } from '../request/request-facts.ts';
import { worstCase } from '../request/worst-case.ts';

/**
 * Reserves the most that a request can cost, and waits until there is enough money beside the other
 * open requests.
 * @returns `no-room` when there is not enough, and `undefined` when the team does not reserve money.
 * @throws BadRequestError when only the tools that the API runs make the request too expensive. The
 *   agent can continue without them.
 */
export async function reserve(
  { config, ledger, budget, reservations }: MessagesContext,
  facts: RequestFacts,
  response: ServerResponse,
): Promise<{ readonly id: string } | 'no-room' | undefined> {
  if (reservations === undefined) return undefined;
  const price = (request: RequestFacts): Money => {
    const models = request.model === undefined ? [] : [request.model];
    return priceReply(config.prices, models, worstCase(request)).usd;
  };
  const amount = price(facts);
  const plain = facts.passes > 1 || facts.runsCode ? price({ ...facts, ...PLAIN }) : amount;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const attempt = async () => {
    if (budget.stopped !== undefined) return 'no-room' as const;
    const result = await reservations.take(amount, async (team, own) => {
      await ledger.refresh();
      return budget.fits(amount, { team, own });
    });
    if ('id' in result) return result;
    if (amount > plain && !budget.fits(amount, NOTHING) && budget.fits(plain, NOTHING)) {
      throw new BadRequestError(
        'with tools that the API runs, this request could cost more than the rest of the budget ' +
          '(onLimit is reserve); repeat it without them',
      );
    }
    if (result.wait) return undefined;
    budget.stop(budget.tightest(), amount);
    return 'no-room' as const;
  };
  return waitInDirectory(reservations.directory, attempt, { signal: gone.signal });
}

const NOTHING = { team: 0n, own: 0n };

/** The facts of a request without tools that the API runs. */
const PLAIN = {
  passes: 1,
  advisors: [],
  webSearches: 0,
  promptTokens: 0,
  runsCode: false,
} as const;
