/** Arabic: signing in, the list, dialogs, the state of the connection. */
import type { Translation } from '../text';
import type { shell as english } from '../en/shell';

export const shell: Translation<typeof english> = {
  'app.name': 'رسائل Vaultify',
  'app.tagline': 'مجمّعك السكني على مقربة منك.',

  'action.cancel': 'إلغاء',
  'action.close': 'إغلاق',
  'action.retry': 'إعادة المحاولة',
  'action.showMore': 'عرض المزيد',
  'action.back': 'رجوع',

  'toasts.label': 'إشعارات الصفحة',

  'role.Residence': 'ساكن',
  'role.Security Personnel': 'أمن',
  'role.Admin': 'مشرف',
  'role.Super Admin': 'مشرف عام',
};
