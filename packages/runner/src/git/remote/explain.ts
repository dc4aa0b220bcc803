import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import { GitError } from '../run.ts';
import { unknownHost } from './access.ts';
import type { RemoteUrl } from './url.ts';

const REFUSED: readonly (readonly [said: RegExp, why: string])[] = [
  [/Object does not exist/i, 'its Git LFS has not got a file that the branch names'],
  [
    /Permission denied \(|Load key .*(invalid|error)/i,
    'it does not accept the key `ssh-privatekey` of the secret',
  ],
  [
    /Authentication failed|could not read (Username|Password)|error: 401|invalid credentials/i,
    'it does not accept the `token` of the secret (credentialsSecret), or needs one',
  ],
  [
    /error: 403|Write access to repository not granted|denied to /i,
    'the credentials may not do this there',
  ],
  [
    /Repository not found|error: 404|not found|does not (appear to be a git repository|exist)/i,
    'there is no such repository, or the credentials may not see it',
  ],
  [
    /protected branch|pre-receive hook declined|\[remote rejected\]/i,
    'the branch is protected, or a rule there declined it',
  ],
];

/**
 * What went wrong with a remote, in words, and whether another attempt could mend it. git tells
 * only by its messages; {@link GitError} has them in English whatever the machine speaks.
 */
export function explainRemoteError(error: unknown, remote: RemoteUrl): unknown {
  if (!(error instanceof GitError)) return error;
  const name = remote.kind === 'local' ? remote.path : remote.host;
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(error.stderr)) {
    return new StepFailure(
      `The host key of ${name} is not the one in the secret's \`known_hosts\`. Either the host has a new one (replace the line) or somebody stands in between; nothing was sent.`,
      EXIT.refused,
      error,
    );
  }
  if (/Host key verification failed|No .* host key is known/.test(error.stderr)) {
    return unknownHost(name, remote.kind === 'ssh' ? remote.port : '');
  }
  if (/certificate verif|SSL certificate problem/i.test(error.stderr)) {
    return new StepFailure(
      `${name} has a certificate that nobody known vouches for, so nothing was sent. If it is your own, put your authority's certificate into the key \`ca.crt\` of the secret (credentialsSecret).\n${error.stderr}`,
      EXIT.refused,
      error,
    );
  }
  const refusal = REFUSED.find(([said]) => said.test(error.stderr));
  if (refusal) {
    const message = `${name} refused: ${refusal[1]}.\n${error.stderr}`;
    return new StepFailure(message, EXIT.refused, error);
  }
  return new StepFailure(`${name} could not be reached.\n${error.stderr}`, EXIT.failed, error);
}
