import { InvalidArgumentError } from 'commander';

/** An object that a team is deleted along with, by the API server's garbage collector. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** `argoproj.io/v1alpha1/Workflow/nightly-x7k2p/0b9e…`: an Argo Workflow knows its own name and uid. */
export function parseOwner(text: string): Owner {
  const parts = text.split('/');
  const [uid = '', name = '', kind = ''] = parts.toReversed();
  const apiVersion = parts.slice(0, -3).join('/');
  if ([uid, name, kind, apiVersion].includes('')) {
    throw new InvalidArgumentError('apiVersion/Kind/NAME/UID is expected.');
  }
  return { apiVersion, kind, name, uid };
}
