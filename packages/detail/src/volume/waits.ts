import { type ProviderWait, providerWaitText, utcTime } from '@agentteam/contract';
import { readPastProviderWaits, readProviderWait } from '@agentteam/volume';
import type { AgentSpan } from '../agent-detail.ts';

/**
 * Reads when an agent waited for the provider. A wait that has not ended has no end.
 * @param control the directory with the waits, which agents cannot write to.
 */
export async function providerWaitSpans(
  control: string,
  agent: string,
): Promise<readonly AgentSpan[]> {
  const past = await readPastProviderWaits(control, agent);
  const current = await readProviderWait(control, agent);
  const isOpen = current !== undefined && !past.some(({ since }) => since === current.since);
  return [
    ...past.map((wait) => ({ ...span(wait), to: wait.ended })),
    ...(isOpen ? [span(current)] : []),
  ];
}

function span(wait: ProviderWait): AgentSpan {
  const name = `waits for the provider: ${providerWaitText(wait, utcTime)}`;
  return { kind: 'wait', name, from: wait.since };
}

/** The pauses between the attempts of a step, and its attempts. */
export function attemptSpans(
  attempts: readonly { readonly from: string; readonly to?: string }[],
): readonly AgentSpan[] {
  return attempts.flatMap((attempt, index): readonly AgentSpan[] => {
    const before = attempts[index - 1]?.to;
    const name = index === 0 ? 'attempt 1' : `attempt ${index + 1}, restart ${index}`;
    return [
      ...(before === undefined || before >= attempt.from
        ? []
        : [
            {
              kind: 'wait' as const,
              name: `waits for restart ${index}`,
              from: before,
              to: attempt.from,
            },
          ]),
      { kind: 'attempt', name, ...attempt },
    ];
  });
}
