import { LIMITS } from './file/limits.ts';
import { type Mail, mailId } from './mail.ts';

/** Messages to one agent, for a person who reads them. */
export interface ListedMail {
  /** In the order in which they were found. */
  readonly mail: readonly Mail[];
  /** Whether there are earlier ones. */
  readonly isCut: boolean;
}

/** Collects messages from the last one back, each once, up to the {@link LIMITS}. An agent may have written millions. */
export class LatestMail {
  readonly #byId: Map<string, Mail> = new Map();
  #characters = 0;
  #isCut = false;

  /** @returns whether there is room for it. */
  add(mail: Mail): boolean {
    const id = mailId(mail);
    if (this.#byId.has(id)) return true;
    this.#characters += mail.text.length;
    this.#isCut =
      this.#byId.size >= LIMITS.listedMail || this.#characters > LIMITS.listedCharacters;
    if (!this.#isCut) this.#byId.set(id, mail);
    return !this.#isCut;
  }

  get listed(): ListedMail {
    return { mail: [...this.#byId.values()].toReversed(), isCut: this.#isCut };
  }
}

/** The latest of some messages. */
export function latestMail(mail: readonly Mail[]): ListedMail {
  const latest = new LatestMail();
  mail.toReversed().every((one) => latest.add(one));
  return latest.listed;
}
