const ORDERS = [
  { id: 1, owner: 'ann', item: 'Atlas' },
  { id: 2, owner: 'bob', item: 'Borealis' },
  { id: 3, owner: 'ann', item: 'Cirrus' },
];

/** Returns the orders of the signed-in user. */
export function listOrders({ user }) {
  return { status: 200, body: ORDERS.filter(({ owner }) => owner === user.name) };
}
