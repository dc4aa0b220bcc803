import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';

/** A repository's address, taken apart. Nothing in it is a secret. */
export type RemoteUrl =
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly secure: boolean;
      /** With its port, as in a URL. */
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

/** `git@github.com:acme/backend.git`; a host has no slash, so no path looks like this. */
const SCP_FORM = /^(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/|:)(\S.*)$/;

/**
 * @throws StepFailure with `EXIT.invalid` for a form that we do not serve, and for a password in
 * the address: it would show in process lists, logs and configuration files.
 */
export function parseRemoteUrl(text: string): RemoteUrl {
  if (text.startsWith('/')) return { kind: 'local', url: text, path: text };
  const scp = SCP_FORM.exec(text);
  if (scp?.[1] !== undefined && scp[2] !== undefined && !text.startsWith('-')) {
    return { kind: 'ssh', url: text, host: scp[1], port: '', path: scp[2] };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw invalid('it is no address that git knows');
  if (url.password !== '' || (url.username !== '' && url.protocol !== 'ssh:')) {
    throw invalid('it has credentials in it; put them into a secret (credentialsSecret)');
  }
  const path = decodeURIComponent(url.pathname);
  switch (url.protocol) {
    case 'https:':
    case 'http:':
      return { kind: 'http', url: text, secure: url.protocol === 'https:', host: url.host, path };
    case 'ssh:':
      if (url.hostname.startsWith('-')) throw invalid('its host begins with a dash');
      return { kind: 'ssh', url: text, host: url.hostname, port: url.port, path };
    case 'file:':
      return { kind: 'local', url: text, path };
    default:
      throw invalid(`${url.protocol}// is not served; use https, ssh or a local path`);
  }
}

function invalid(why: string): StepFailure {
  return new StepFailure(`The repository's url cannot be used: ${why}.`, EXIT.invalid);
}
