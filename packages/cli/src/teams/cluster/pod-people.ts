import { CONTAINERS, LEAD, parseJson, RUNNER } from '@agentteam/contract';
import { type PersonMessage, toPersonMessage } from '@agentteam/volume';
import type { Connection } from '../../cluster/connection/connection.ts';
import { execInPod } from '../../cluster/connection/exec.ts';
import { Failure } from '../../failure.ts';
import { notesAbout, receiversIn, requireRunning } from '../receivers.ts';
import type { HostedTeam, TellOptions, TellResult } from '../team-host.ts';

/**
 * Sends a person's message through the gateway of a running agent: gateways can write where the messages
 * are, and agents cannot. The API server authenticates the caller and can record the call in its audit log.
 */
export async function tellInPod(
  connection: Connection,
  hosted: HostedTeam,
  options: TellOptions & { readonly by: string },
  signal: AbortSignal,
): Promise<TellResult> {
  const receivers = receiversIn(hosted, options.agents);
  const pod = anyPod(hosted);
  if (pod === undefined) {
    throw new Failure(`no agent of ${hosted.name} is running, so the message cannot be sent yet`, {
      hint: `To see the team, run: agentteam get ${hosted.reference}`,
    });
  }
  const agents = receivers.map(({ agent }) => agent);
  for (const agent of agents) {
    const command = [RUNNER, 'people', 'tell', agent, options.by, options.text];
    await execInPod(connection, { pod, container: CONTAINERS.gateway, command }, signal);
  }
  return { by: options.by, agents, notes: notesAbout(receivers) };
}

/** Interrupts an agent's turn, in the same way. */
export async function interruptInPod(
  connection: Connection,
  hosted: HostedTeam,
  { agent, by }: { readonly agent: string; readonly by: string },
  signal: AbortSignal,
): Promise<void> {
  requireRunning(hosted, agent);
  const command = [RUNNER, 'people', 'interrupt', agent, by];
  const pod = anyPod(hosted) ?? '';
  await execInPod(connection, { pod, container: CONTAINERS.gateway, command }, signal);
}

const LIST_WITHIN_MS = 10_000;
const LIST_BYTES = 4_194_304; // 4 Mi

/** The messages of people to a team's agents, by agent. */
export async function personMessagesInPod(
  connection: Connection,
  pod: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly PersonMessage[]>> {
  const command = [RUNNER, 'people', 'list'];
  const text = await execInPod(
    connection,
    { pod, container: CONTAINERS.gateway, command },
    signal,
    {
      withinMs: LIST_WITHIN_MS,
      maxBytes: LIST_BYTES,
    },
  );
  return new Map(
    Object.entries((parseJson(text) ?? {}) as Readonly<Record<string, unknown>>).map(
      ([agent, messages]) => [
        agent,
        Array.isArray(messages) ? messages.flatMap((one) => toPersonMessage(one) ?? []) : [],
      ],
    ),
  );
}

/** The pod of some running agent. */
function anyPod({ status }: HostedTeam): string | undefined {
  const members = [{ ...status.lead, name: LEAD }, ...(status.teammates ?? [])];
  return members.find(({ phase, podName }) => phase === 'Running' && podName)?.podName;
}
