import { scryptSync, timingSafeEqual } from 'node:crypto';

/** A user whose password is kept as a hash. */
export function makeUser(name, password, salt = name) {
  return { name, salt, hash: scryptSync(password, salt, 32) };
}

export function hasPassword(user, password) {
  return timingSafeEqual(user.hash, scryptSync(password, user.salt, 32));
}

export function demoUsers() {
  const users = [makeUser('ann', 'correct horse'), makeUser('bob', 'battery staple')];
  return new Map(users.map((user) => [user.name, user]));
}
