/** Service accounts of one namespace: `system:serviceaccount:NAMESPACE:NAME`. */
const ACCOUNT = /^(system:serviceaccount:[^:]+):/;

/**
 * Under which name the sessions, streams and readings of a user are limited together. Whoever may create service
 * accounts in a namespace may create any number of them, so all of a namespace are limited like eight people.
 */
export function personOf(user: string): { readonly name: string; readonly people: number } {
  const [, accounts] = ACCOUNT.exec(user) ?? [];
  return accounts === undefined ? { name: user, people: 1 } : { name: accounts, people: 8 };
}
