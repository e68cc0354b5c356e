/** The page's own small parts. */
export { Avatar } from './Avatar';
export { Badge } from './Badge';
export { Button, IconButton } from './Button';
export { Dialog } from './Dialog';
export { Notice } from './Notice';
export { Switch } from './Switch';
export { ToastProvider, useToast } from './Toasts';
