import { join } from 'node:path';
import { outputClaimName, teamClaimName } from '@agentteam/compiler';
import type {
  ResultsFile,
  ResultsFileName,
  ResultsListing,
  ResultsRequest,
} from '@agentteam/contract';
import { teamExitCode } from '@agentteam/status';
import { copyFile } from '../../outputs/copy-file.ts';
import { PART_BYTES, type ResultFile, type ResultFiles } from '../../outputs/result-files.ts';
import { BUNDLE } from '../../outputs/write-bundle.ts';
import { FETCH_COMMAND } from '../local/result-branches.ts';
import type { HostedTeam, Outputs, ResultBranch } from '../team-host.ts';
import type { TeamVolume } from './volume/team-volume.ts';
import type { VolumeClaims } from './volume/volume-pod.ts';

/** The claims that have a team's results: the one of the output, and for a coding team the shared one. */
export function resultClaims({ team }: HostedTeam): VolumeClaims {
  const { repository, workspace } = team.spec;
  const { output } = workspace ?? {};
  return {
    ...(repository !== undefined && { team: teamClaimName(team.metadata.name) }),
    ...(output !== undefined && { output: output.pvc ?? outputClaimName(team.metadata.name) }),
  };
}

/** Every claim of a team: that of its results, and the shared one with its state, transcripts and costs. */
export function allClaims(hosted: HostedTeam): VolumeClaims {
  return { ...resultClaims(hosted), team: teamClaimName(hosted.team.metadata.name) };
}

/** Finds what a team on a cluster produced. The pod that reads the volume starts at the first reading. */
export function clusterOutputs(hosted: HostedTeam, volume: TeamVolume): Outputs {
  const { team, status, locations, reference } = hosted;
  const output = locations.find(({ title }) => title === 'Output');
  let listing: Promise<ResultsListing> | undefined;
  const list = (): Promise<ResultsListing> => {
    listing ??= ask<ResultsListing>(volume, { kind: 'list' });
    return listing;
  };
  const files: ResultFiles = {
    place: output?.value ?? '',
    list,
    open: (path) => openFile(volume, { path }),
  };
  const result = async (): Promise<ResultBranch | undefined> => {
    const branch = status.consolidatedBranch ?? (await list()).branch;
    if (branch === undefined) return undefined;
    const fetch = locations.find(({ title }) => title === FETCH_COMMAND)?.value;
    return {
      branch,
      command: fetch ?? `agentteam outputs ${reference} --to DIRECTORY`,
      bundle: async (directory, options) => {
        const bundle = await openFile(volume, { bundle: true });
        await copyFile(bundle, directory, BUNDLE, options);
        return join(directory, BUNDLE);
      },
    };
  };
  return {
    reference,
    hasEnded: teamExitCode(status) !== undefined,
    ...(output !== undefined && { files }),
    ...(team.spec.repository !== undefined && { result }),
    close: () => volume.close(),
  };
}

async function openFile(volume: TeamVolume, file: ResultsFileName): Promise<ResultFile> {
  const { bytes, sha256 } = await ask<ResultsFile>(volume, { kind: 'open', file });
  return {
    bytes,
    sha256,
    read: (offset) => volume.ask({ kind: 'read', file, offset, length: PART_BYTES }),
    close: async () => {},
  };
}

/** The pod runs no code of an agent, so its answers have the form that was asked for. */
async function ask<T>(volume: TeamVolume, request: ResultsRequest): Promise<T> {
  return JSON.parse((await volume.ask(request)).toString('utf8')) as T;
}
