import { accountChecks } from "./checks/accounts.js";
import { authorizationChecks } from "./checks/authorizations.js";
import type { AccountStoreCheck } from "./checks/check.js";
import { lockChecks } from "./checks/locks.js";
import { rowChecks } from "./checks/rows.js";
import { settingChecks } from "./checks/settings.js";

export type { AccountStoreCheck } from "./checks/check.js";

/**
 * What every account store has to do. Run each check against your own:
 *
 * @example
 * ```ts
 * for (const check of accountStoreChecks) {
 *   test(check.name, async () => {
 *     const store = new MyStore();
 *     await store.open();
 *     await check.run(store);
 *     await store.close();
 *   });
 * }
 * ```
 */
export const accountStoreChecks: readonly AccountStoreCheck[] = [
  ...accountChecks,
  ...authorizationChecks,
  ...settingChecks,
  ...lockChecks,
  ...rowChecks,
];
