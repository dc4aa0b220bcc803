/** What the form sends when somebody signs in. */
export function signInRequest(name, password) {
  return { path: '/login', method: 'POST', body: { name, password } };
}

/** The token in the answer. */
export function tokenOf(answer) {
  return answer.token;
}
