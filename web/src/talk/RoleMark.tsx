/** Who speaks for the estate is told from who lives there. */
import type { Role } from '@vaultify/messaging';
import { useText } from '../i18n';
import './role-mark.css';

export function RoleMark({ role }: { role: Role | null }) {
  const t = useText();
  if (role === null || role === 'Residence') return null;
  return (
    <span className="role-mark" data-role={role}>
      {t(`role.${role}`)}
    </span>
  );
}
