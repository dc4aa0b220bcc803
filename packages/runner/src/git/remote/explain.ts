import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import { GitError } from '../run.ts';
import { unknownHost } from './access.ts';
import type { RemoteUrl } from './url.ts';

export type RemoteAction = 'read' | 'push';

/** Fields that name the Secret for an action. */
const SECRETS: Readonly<Record<RemoteAction, string>> = {
  read: 'repository.credentialsSecret',
  push: 'lifecycle.gitCredentialsSecret, else repository.credentialsSecret',
};

type Reason = (action: RemoteAction) => string;

const REFUSALS: readonly (readonly [output: RegExp, reason: Reason])[] = [
  [
    /Object does not exist|remote missing object/i,
    () => 'its Git LFS storage lacks a file of the branch. Upload it there with git lfs push --all',
  ],
  [
    /Permission denied \(|Load key .*(invalid|error)/i,
    (action) => `it does not accept the key \`ssh-privatekey\` of the Secret (${SECRETS[action]})`,
  ],
  [
    /Authentication failed|could not read (Username|Password)|error: 401|invalid credentials/i,
    (action) =>
      `it does not accept the \`token\` of the Secret (${SECRETS[action]}), or it needs one and none is set`,
  ],
  [
    /error: 403|Write access to repository not granted|denied to |read[- ]only|insufficient permission/i,
    (action) =>
      action === 'push'
        ? `the credential may not push; give it write access, or name another Secret (${SECRETS.push})`
        : `the credential may not read; give it read access, or name another Secret (${SECRETS.read})`,
  ],
  [
    /Repository not found|error: 404|not found|does not (appear to be a git repository|exist)/i,
    (action) =>
      `the repository does not exist, or the credential of the Secret (${SECRETS[action]}) may not see it`,
  ],
];

/** What is wrong with a repository itself. Another attempt would find the same. */
const DEFECTS: readonly (readonly [output: RegExp, what: string, isLocal?: true])[] = [
  [
    /mismatched algorithms/i,
    'it stores its objects with SHA-256, and only SHA-1 is supported. Use a clone with git init --object-format=sha1',
  ],
  // On a server, a branch can disappear between two requests.
  [
    /not our ref|unable to normalize alternate|bad object|is corrupt|is empty$|unable to read [0-9a-f]{40}/im,
    'the repository lacks objects or is damaged. Look at it with git fsck, or use another clone',
    true,
  ],
  [
    /bad config line|bad config variable|invalid repository|unknown repository extension/i,
    'git cannot read its configuration. Correct the file that git names',
    true,
  ],
];

/** Explanations of a remote's reason for rejecting a branch. */
const REJECTIONS: readonly (readonly [reason: RegExp, explanation: string])[] = [
  [
    /currently checked out|denyCurrentBranch/i,
    'The branch is checked out in that repository. Switch to another branch there, push to a bare repository, or set lifecycle.consolidatedBranchTemplate.',
  ],
  [
    /protected branch|repository rule violations|GH006|GH013/i,
    'The branch is protected. Set lifecycle.consolidatedBranchTemplate to a branch that the credential may push to.',
  ],
  [
    /stale info|fetch first|non-fast-forward/i,
    'The branch was changed at the same time. Try again.',
  ],
  [
    /hook declined/i,
    'A hook of that repository declined the push. Its output above, or its owner, gives the reason.',
  ],
];

/**
 * Turns a failed git call to a remote into a failure with an explanation, and with an exit code that
 * says whether another attempt could succeed. git gives reasons in its messages only; {@link GitError}
 * has them in English whatever the locale.
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
      `The host key of ${name} differs from the one in the Secret's \`known_hosts\`, so nothing was sent. If the host has a new key, replace the line; otherwise somebody may be intercepting the connection.`,
      EXIT.refused,
      error,
    );
  }
  if (/Host key verification failed|No .* host key is known/.test(stderr)) {
    return unknownHost(name, remote.kind === 'ssh' ? remote.port : '');
  }
  if (/certificate verif|SSL certificate problem/i.test(stderr)) {
    return new StepFailure(
      `The certificate of ${name} is not signed by a trusted authority, so nothing was sent. For a private authority, put its certificate into the key \`ca.crt\` of the Secret (credentialsSecret).\n${outputOf(stderr)}`,
      EXIT.refused,
      error,
    );
  }
  const rejected = rejection(name, stderr);
  if (rejected !== undefined) return new StepFailure(rejected, EXIT.refused, error);
  const defect = DEFECTS.find(
    ([output, , isLocal]) => output.test(stderr) && (!isLocal || remote.kind === 'local'),
  );
  if (defect) {
    const message = `${name} cannot be used: ${defect[1]}.\n${outputOf(stderr)}`;
    return new StepFailure(message, EXIT.refused, error);
  }
  const refusal = REFUSALS.find(([output]) => output.test(stderr));
  if (refusal) {
    const message = `${name} refused: ${refusal[1](action)}.\n${outputOf(stderr)}`;
    return new StepFailure(message, EXIT.refused, error);
  }
  return new StepFailure(`${name} could not be reached.\n${outputOf(stderr)}`, EXIT.failed, error);
}

/** Explains why a remote rejected a branch; `undefined` when it did not. */
function rejection(name: string, stderr: string): string | undefined {
  const clash = /cannot lock ref 'refs\/heads\/(.+?)': 'refs\/heads\/(.+?)' exists/.exec(stderr);
  if (clash?.[1] !== undefined && clash[2] !== undefined) {
    return cannotCoexist(name, clash[1], clash[2]);
  }
  const [, branch, reason] =
    /! \[(?:remote )?rejected\]\s+\S+ -> (\S+) \((.+)\)/.exec(stderr) ?? [];
  if (branch === undefined || reason === undefined) return undefined;
  const [, explanation] =
    REJECTIONS.find(([known]) => known.test(reason) || known.test(stderr)) ?? [];
  return [
    `${name} rejected the branch ${branch}: ${reason}.`,
    ...remoteOutput(stderr),
    ...(explanation === undefined ? [] : [explanation]),
  ].join('\n');
}

/** Explains that the remote has a branch whose name rules out the result branch. @param name of the remote. */
export function cannotCoexist(name: string, result: string, other: string): string {
  return `${name} has a branch ${other}, and git cannot store the branch ${result} beside it: one would be a file and the other a directory of the same name. Rename the branch there, or set lifecycle.consolidatedBranchTemplate to another branch, for example agent-teams/{{.TeamName}}.`;
}

const MAX_LINES = 12;

/** The lines that the remote itself printed. */
function remoteOutput(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .flatMap((line) => /^remote: ?(.*\S)\s*$/.exec(line)?.[1] ?? [])
    .filter((line) => !/^hint:|^error: refusing to update checked out branch/.test(line))
    .slice(0, MAX_LINES);
}

/** The lines that git printed, without its hints for a person at a terminal. */
function outputOf(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !/^(remote: ?)?hint:|^To |^error: failed to push|^(remote:)?\s*$/.test(line))
    .slice(0, MAX_LINES)
    .join('\n');
}
