import { generateKeyPairSync, type KeyObject } from 'node:crypto';

/** The keys of the clouds that a rehearsal accepts. They open nothing else. */
export const REHEARSED_KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIAREHEARSAL',
  AWS_SECRET_ACCESS_KEY: 'rehearsal',
  ANTHROPIC_FOUNDRY_API_KEY: 'rehearsal',
} as const;

let serviceAccount: { readonly json: string; readonly publicKey: KeyObject } | undefined;

/** A service account of Google Cloud, made for this process. Its key opens the rehearsal's Vertex AI. */
export function rehearsedServiceAccount(): {
  readonly json: string;
  readonly publicKey: KeyObject;
} {
  if (serviceAccount !== undefined) return serviceAccount;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const json = JSON.stringify({
    type: 'service_account',
    project_id: 'rehearsal',
    private_key_id: 'rehearsal',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: 'rehearsal@rehearsal.iam.gserviceaccount.com',
    client_id: '1',
    token_uri: 'https://oauth2.googleapis.com/token',
  });
  serviceAccount = { json, publicKey };
  return serviceAccount;
}

/** The values of a Secret with which a rehearsed team can use every provider. */
export function rehearsedCredentials(): Readonly<Record<string, string>> {
  return { ...REHEARSED_KEYS, GOOGLE_APPLICATION_CREDENTIALS: rehearsedServiceAccount().json };
}
