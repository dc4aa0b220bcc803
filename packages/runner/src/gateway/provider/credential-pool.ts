import type { ProviderReason } from '@agentteam/contract';
import type { ApiCredential, Credentials } from '../credentials.ts';
import type { Logger } from '../log.ts';
import { dueAfter, EVERY_MODEL, keyOf, type Pause, type Rejection, timeLeft } from './pause.ts';
import { pauseMs } from './pause-length.ts';

/** A refused credential is tried again after this time, because somebody may have unlocked the account. */
const REFUSED_MS = 5 * 60_000;

/** Why a credential is not used, for one model or for all. */
interface Aside extends Pick<Pause, 'madeAt' | 'dueAt' | 'dueIn' | 'tries'> {
  readonly reason: ProviderReason;
  /** Whether the provider gave the time at which it ends. */
  readonly told: boolean;
  readonly fingerprint: string;
}

/**
 * Chooses the credential for each request: the first one of the team's list that is not out of quota. A
 * credential comes back at the time that the provider gave, or when its Secret changes. Each gateway finds
 * out for itself which ones are out of quota: asking costs nothing.
 */
export class CredentialPool {
  readonly #credentials: Credentials;
  readonly #log: Logger;
  readonly #aside = new Map<string, Map<string, Aside>>();
  #names: readonly string[];

  constructor(credentials: Credentials, log: Logger) {
    this.#credentials = credentials;
    this.#log = log;
    this.#names = credentials.names;
  }

  get isList(): boolean {
    return this.#credentials.names.length > 1;
  }

  /** All credentials that are in use, as they are now. */
  all(): Promise<readonly ApiCredential[]> {
    return Promise.all(this.#names.map((name) => this.#credentials.api(name)));
  }

  /** Uses only some of the credentials from now on. */
  keepOnly(names: readonly string[]): void {
    this.#names = names;
  }

  /** The credential for a request. If none is usable, it is the one that will be usable first. */
  async pick(model: string | undefined): Promise<ApiCredential> {
    const all = await this.all();
    const left = all.map((one) => this.#timeLeft(one, model));
    const least = Math.min(...left);
    return all[left.findIndex((ms) => ms <= 0 || ms === least)] as ApiCredential;
  }

  /**
   * Sets a credential aside that the provider has refused.
   * @returns whether another credential can be used at once.
   */
  async setAside(
    used: ApiCredential,
    model: string | undefined,
    { reason, forMs }: Rejection,
  ): Promise<boolean> {
    if (this.#names.length < 2) return false;
    const key = keyOf(reason, model);
    const ofCredential = this.#aside.get(used.name) ?? new Map<string, Aside>();
    const tries = (ofCredential.get(key)?.tries ?? 0) + 1;
    const ms = forMs ?? (reason === 'credential' ? REFUSED_MS : pauseMs(reason, tries));
    const told = forMs !== undefined;
    const { fingerprint } = used;
    ofCredential.set(key, { reason, told, tries, fingerprint, ...dueAfter(ms) });
    this.#aside.set(used.name, ofCredential);
    const next = await this.pick(model);
    const isUsable = this.#timeLeft(next, model) <= 0;
    const until = new Date(Date.now() + ms).toISOString();
    this.#log.warn({
      event: 'credential-set-aside',
      ...{ credential: used.name, reason, until, told },
      ...(isUsable && { next: next.name }),
    });
    return isUsable;
  }

  /** Why none of the credentials is usable: of those that will be usable again, the first one's reason. */
  async soonest(model: string | undefined): Promise<Rejection | undefined> {
    const limited = (await this.all()).flatMap((one) => {
      const aside = this.#longest(one, model);
      return aside === undefined || aside.reason === 'credential' ? [] : [aside];
    });
    const [first] = limited.toSorted((a, b) => timeLeft(a) - timeLeft(b));
    if (first === undefined) return undefined;
    const { reason, told } = first;
    return { reason, ...(told && { forMs: Math.max(0, timeLeft(first)) }) };
  }

  /** Forgets why a credential was set aside, because the provider has answered it. */
  answered({ name }: ApiCredential, model: string | undefined): void {
    const ofCredential = this.#aside.get(name);
    for (const key of [EVERY_MODEL, model ?? EVERY_MODEL]) ofCredential?.delete(key);
  }

  #timeLeft(credential: ApiCredential, model: string | undefined): number {
    const aside = this.#longest(credential, model);
    return aside === undefined ? 0 : timeLeft(aside);
  }

  #longest(credential: ApiCredential, model: string | undefined): Aside | undefined {
    const ofCredential = this.#aside.get(credential.name);
    const found = [EVERY_MODEL, model ?? EVERY_MODEL].flatMap(
      (key) => ofCredential?.get(key) ?? [],
    );
    return found
      .filter((aside) => aside.fingerprint === credential.fingerprint && timeLeft(aside) > 0)
      .toSorted((a, b) => timeLeft(b) - timeLeft(a))[0];
  }
}
