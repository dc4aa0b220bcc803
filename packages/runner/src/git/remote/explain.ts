import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import { GitError } from '../run.ts';
import { unknownHost } from './access.ts';
import type { RemoteUrl } from './url.ts';

/** What is done at a remote, and which Secret is for it. */
export type RemoteAction = 'read' | 'push';

const SECRETS: Readonly<Record<RemoteAction, string>> = {
  read: 'repository.credentialsSecret',
  push: 'lifecycle.gitCredentialsSecret, else repository.credentialsSecret',
};

type Why = (action: RemoteAction) => string;

const REFUSALS: readonly (readonly [said: RegExp, why: Why])[] = [
  [/Object does not exist/i, () => 'its Git LFS does not have a file that the branch names'],
  [
    /Permission denied \(|Load key .*(invalid|error)/i,
    (action) => `it does not accept the key \`ssh-privatekey\` of the Secret (${SECRETS[action]})`,
  ],
  [
    /Authentication failed|could not read (Username|Password)|error: 401|invalid credentials/i,
    (action) => `it does not accept the \`token\` of the Secret (${SECRETS[action]}), or needs one`,
  ],
  [
    /error: 403|Write access to repository not granted|denied to |read[- ]only|insufficient permission/i,
    (action) =>
      action === 'push'
        ? `the credential may not push there; give it the right to write, or name another Secret (${SECRETS.push})`
        : `the credential may not read there; give it the right to, or name another Secret (${SECRETS.read})`,
  ],
  [
    /Repository not found|error: 404|not found|does not (appear to be a git repository|exist)/i,
    (action) =>
      `there is no such repository, or the credential of the Secret (${SECRETS[action]}) may not see it`,
  ],
];

/** Why a remote did not take a branch: its own words, and what to do about those that are known. */
const REJECTIONS: readonly (readonly [reason: RegExp, wayOut: string])[] = [
  [
    /currently checked out|denyCurrentBranch/i,
    'it is checked out in that repository; switch it to another branch there, push to a bare repository, or set lifecycle.consolidatedBranchTemplate',
  ],
  [
    /protected branch|repository rule violations|GH006|GH013/i,
    'the branch is protected there; set lifecycle.consolidatedBranchTemplate to a branch that the credential may push to',
  ],
  [
    /stale info|fetch first|non-fast-forward/i,
    'somebody has moved the branch meanwhile; try again',
  ],
  [
    /hook declined/i,
    'a hook of that repository declined it; it says above why, or its owner knows',
  ],
];

/**
 * What went wrong with a remote, in words, and whether another attempt could mend it. git tells
 * only by its messages; {@link GitError} has them in English whatever the machine speaks.
 */
export function explainRemoteError(
  error: unknown,
  remote: RemoteUrl,
  action: RemoteAction = 'read',
): unknown {
  if (!(error instanceof GitError)) return error;
  const name = remote.kind === 'local' ? remote.path : remote.host;
  const { stderr } = error;
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr)) {
    return new StepFailure(
      `The host key of ${name} is not the one in the secret's \`known_hosts\`. Either the host has a new one (replace the line) or somebody stands in between; nothing was sent.`,
      EXIT.refused,
      error,
    );
  }
  if (/Host key verification failed|No .* host key is known/.test(stderr)) {
    return unknownHost(name, remote.kind === 'ssh' ? remote.port : '');
  }
  if (/certificate verif|SSL certificate problem/i.test(stderr)) {
    return new StepFailure(
      `${name} has a certificate that nobody known vouches for, so nothing was sent. If it is your own, put your authority's certificate into the key \`ca.crt\` of the secret (credentialsSecret).\n${wordsOf(stderr)}`,
      EXIT.refused,
      error,
    );
  }
  const rejected = rejection(name, stderr);
  if (rejected !== undefined) return new StepFailure(rejected, EXIT.refused, error);
  const refusal = REFUSALS.find(([said]) => said.test(stderr));
  if (refusal) {
    const message = `${name} refused: ${refusal[1](action)}.\n${wordsOf(stderr)}`;
    return new StepFailure(message, EXIT.refused, error);
  }
  return new StepFailure(`${name} could not be reached.\n${wordsOf(stderr)}`, EXIT.failed, error);
}

/** What a remote says of a branch that it did not take. */
function rejection(name: string, stderr: string): string | undefined {
  const clash = /cannot lock ref 'refs\/heads\/(.+?)': 'refs\/heads\/(.+?)' exists/.exec(stderr);
  if (clash?.[1] !== undefined && clash[2] !== undefined) {
    return `${name} ${cannotCoexist(clash[1], clash[2])}`;
  }
  const [, branch, reason] =
    /! \[(?:remote )?rejected\]\s+\S+ -> (\S+) \((.+)\)/.exec(stderr) ?? [];
  if (branch === undefined || reason === undefined) return undefined;
  const [, wayOut] = REJECTIONS.find(([said]) => said.test(reason) || said.test(stderr)) ?? [];
  const words = remoteWords(stderr);
  return [
    `${name} did not take the branch ${branch}: ${reason}.`,
    ...words,
    ...(wayOut === undefined ? [] : [`${wayOut[0]?.toUpperCase()}${wayOut.slice(1)}.`]),
  ].join('\n');
}

/** Why git cannot have two branches at once, after the name of whoever has one of them. */
export function cannotCoexist(result: string, other: string): string {
  return `has a branch ${other}, beside which git cannot have the branch ${result}: one would be a file and the other a directory of that name. Rename it there, or set lifecycle.consolidatedBranchTemplate to a branch outside of it, for example agent-teams/{{.TeamName}}.`;
}

const MOST_LINES = 12;

/** What the remote itself printed. */
function remoteWords(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .flatMap((line) => /^remote: ?(.*\S)\s*$/.exec(line)?.[1] ?? [])
    .filter((line) => !/^hint:|^error: refusing to update checked out branch/.test(line))
    .slice(0, MOST_LINES);
}

/** What git printed, without its advice to somebody at a terminal. */
function wordsOf(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !/^(remote: ?)?hint:|^To |^error: failed to push|^(remote:)?\s*$/.test(line))
    .slice(0, MOST_LINES)
    .join('\n');
}
