import {
  type Correspondence,
  type DetailSource,
  readDetail,
  type TeamDetail,
  workflowSource,
} from '@agentteam/detail';
import type { Connection } from '../../cluster/connection/connection.ts';
import { Failure } from '../../failure.ts';
import type { HostedTeam, VolumeAccess } from '../team-host.ts';
import { allClaims } from './cluster-outputs.ts';
import { liveFigures } from './live-figures.ts';
import { podMail } from './pod-mail.ts';
import { missingRights } from './volume/rights.ts';
import { TeamVolume } from './volume/team-volume.ts';

/**
 * Opens what the caller may read of a team on a cluster through its API: its Workflow, its status, and the figures
 * and the mail in its running pods. The files of its volume are not read.
 */
export async function clusterDetailSource(
  connection: Connection,
  hosted: HostedTeam,
  signal: AbortSignal,
): Promise<DetailSource> {
  const [source, correspondence] = await Promise.all([
    withoutMail(connection, hosted),
    podMail(connection, hosted, signal).catch(unreadable),
  ]);
  return { ...source, correspondence };
}

/**
 * Reads everything that is known about a team on a cluster. The files of its volume are read by a short-lived pod,
 * with the caller's rights; where that is not possible, a notice says why.
 */
export async function clusterDetail(
  connection: Connection,
  hosted: HostedTeam,
  access: VolumeAccess,
): Promise<TeamDetail> {
  const missing = await missingRights(connection);
  let why = `you may not ${missing.join(', ')} in ${connection.namespace}`;
  if (missing.length === 0) {
    const volume = new TeamVolume(connection, hosted, allClaims(hosted), access);
    try {
      const source = await withoutMail(connection, hosted);
      return JSON.parse((await volume.ask({ kind: 'detail', source })).toString('utf8'));
    } catch (error) {
      access.signal.throwIfAborted();
      if (!(error instanceof Failure)) throw error;
      why = error.message;
    } finally {
      await volume.close();
    }
  }
  const message = `The files of the team's volume (results, transcripts, costs over time) were not read: ${why}.`;
  access.onNote(message);
  const detail = await readDetail(await clusterDetailSource(connection, hosted, access.signal));
  return { ...detail, notices: [...detail.notices, { message }] };
}

async function withoutMail(connection: Connection, hosted: HostedTeam): Promise<DetailSource> {
  const source = workflowSource({ ...hosted, live: await liveFigures(connection, hosted) });
  const output = hosted.locations.find(({ title }) => title === 'Output');
  return { ...source, ...(output !== undefined && { output: { place: output.value } }) };
}

/** The mail of a team without running pods is on its volume only. */
function unreadable(error: unknown): Correspondence {
  if (!(error instanceof Failure)) throw error;
  return { messages: [], missing: [], leftOut: [`The mail was not read: ${error.message}.`] };
}
