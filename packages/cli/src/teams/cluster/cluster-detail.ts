import { type Correspondence, type DetailSource, workflowSource } from '@agentteam/detail';
import type { Connection } from '../../cluster/connection/connection.ts';
import { Failure } from '../../failure.ts';
import type { HostedTeam } from '../team-host.ts';
import { liveFigures } from './live-figures.ts';
import { podMail } from './pod-mail.ts';

/**
 * Opens what the caller may read of a team on a cluster: its Workflow, its status, and the figures and the
 * mail in its running pods. The files of its volume are not read.
 */
export async function clusterDetailSource(
  connection: Connection,
  hosted: HostedTeam,
  signal: AbortSignal,
): Promise<DetailSource> {
  const [live, correspondence] = await Promise.all([
    liveFigures(connection, hosted),
    podMail(connection, hosted, signal).catch(unreadable),
  ]);
  const source = workflowSource({ ...hosted, live });
  const output = hosted.locations.find(({ title }) => title === 'Output');
  return {
    ...source,
    correspondence,
    ...(output !== undefined && { output: { place: output.value } }),
  };
}

/** The mail of a team without running pods is on its volume only. */
function unreadable(error: unknown): Correspondence {
  if (!(error instanceof Failure)) throw error;
  return { messages: [], missing: [], leftOut: [`The mail was not read: ${error.message}.`] };
}
