import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';

/** A parsed repository URL. It contains no credentials. */
export type RemoteUrl =
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly secure: boolean;
      /** Includes the port, if the URL has one. */
      readonly host: string;
      readonly path: string;
    }
  | {
      readonly kind: 'ssh';
      readonly url: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
    }
  | { readonly kind: 'local'; readonly url: string; readonly path: string };

/** `git@github.com:acme/backend.git`. No path matches, because a host contains no slash. */
const SCP_FORM = /^(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/|:)(\S.*)$/;

/** A host as ssh gets it from git. It cannot be an option, or a pattern in the configuration of ssh. */
const SSH_HOST = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])$/;

/**
 * @throws StepFailure with `EXIT.invalid` for an unsupported form, and for a URL with credentials,
 *   which would show in process lists, logs and configuration files.
 */
export function parseRemoteUrl(text: string): RemoteUrl {
  if (text.startsWith('/')) return { kind: 'local', url: text, path: text };
  const scp = SCP_FORM.exec(text);
  if (scp?.[1] !== undefined && scp[2] !== undefined && !text.startsWith('-')) {
    return { kind: 'ssh', url: text, host: scp[1], port: '', path: scp[2] };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw invalid('it is not a URL that git supports');
  if (url.password !== '' || (url.username !== '' && url.protocol !== 'ssh:')) {
    throw invalid(
      'it contains a user name or a password; put them into a Secret (credentialsSecret), as `username` and `token`',
    );
  }
  const path = decodeURIComponent(url.pathname);
  switch (url.protocol) {
    case 'https:':
    case 'http:':
      return { kind: 'http', url: text, secure: url.protocol === 'https:', host: url.host, path };
    case 'ssh:':
      if (!SSH_HOST.test(url.hostname)) throw invalid('its host is not a name or an address');
      return { kind: 'ssh', url: text, host: bare(url.hostname), port: url.port, path };
    case 'file:':
      return { kind: 'local', url: text, path };
    default:
      throw invalid(`${url.protocol}// is not supported; use https, ssh or a local path`);
  }
}

/** ssh takes an IPv6 address without brackets. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function invalid(reason: string): StepFailure {
  return new StepFailure(`The repository's url cannot be used: ${reason}.`, EXIT.invalid);
}
