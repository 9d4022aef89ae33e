"""The list of everything that can be asked for. Add an action by adding a line."""

from portal.action import Action
from portal.actions.add_app_password import AddAppPassword
from portal.actions.add_ssh_key import AddSshKey
from portal.actions.add_temporary_alias import AddTemporaryAlias
from portal.actions.anything_else import AnythingElse
from portal.actions.ask_address_change import AskAddressChange
from portal.actions.ask_alias import AskAlias
from portal.actions.ask_quota import AskQuota
from portal.actions.ask_shared_box import AskSharedBox
from portal.actions.bridge_account import BridgeAccount
from portal.actions.cancel_address_change import CancelAddressChange
from portal.actions.change_password import ChangePassword
from portal.actions.close_session import CloseSession
from portal.actions.close_sessions import CloseSessions
from portal.actions.confirm_factor import ConfirmFactor
from portal.actions.enable_account import EnableAccount
from portal.actions.end_share import EndShare
from portal.actions.extend_account import ExtendAccount
from portal.actions.forward_absent import ForwardAbsent
from portal.actions.forward_outside import ForwardOutside
from portal.actions.freeze_account import FreezeAccount
from portal.actions.give_access_pass import GiveAccessPass
from portal.actions.join_list import JoinList
from portal.actions.leave_list import LeaveList
from portal.actions.let_lapse import LetLapse
from portal.actions.link_provider import LinkProvider
from portal.actions.remove_alias import RemoveAlias
from portal.actions.remove_app_password import RemoveAppPassword
from portal.actions.remove_auto_reply import RemoveAutoReply
from portal.actions.remove_factor import RemoveFactor
from portal.actions.remove_forwarding import RemoveForwarding
from portal.actions.remove_ssh_key import RemoveSshKey
from portal.actions.rename_factor import RenameFactor
from portal.actions.require_new_password import RequireNewPassword
from portal.actions.reset_password import ResetPassword
from portal.actions.send_password_link import SendPasswordLink
from portal.actions.set_absence import SetAbsence
from portal.actions.set_auto_reply import SetAutoReply
from portal.actions.set_forwarding import SetForwarding
from portal.actions.set_phone import SetPhone
from portal.actions.set_recovery_mail import SetRecoveryMail
from portal.actions.share_absent import ShareAbsent
from portal.actions.share_mailbox import ShareMailbox
from portal.actions.sign_out_absent import SignOutAbsent
from portal.actions.sign_out_everywhere import SignOutEverywhere
from portal.actions.switch_factor import SwitchFactor
from portal.actions.take_back_extension import TakeBackExtension
from portal.actions.unlink_provider import UnlinkProvider
from portal.actions.unlock_account import UnlockAccount

ACTIONS: dict[str, type[Action]] = {
    action.name: action
    for action in (
        ResetPassword,
        ChangePassword,
        UnlockAccount,
        ExtendAccount,
        TakeBackExtension,
        LetLapse,
        BridgeAccount,
        RequireNewPassword,
        SendPasswordLink,
        FreezeAccount,
        EnableAccount,
        ConfirmFactor,
        RenameFactor,
        SwitchFactor,
        RemoveFactor,
        LinkProvider,
        UnlinkProvider,
        CloseSession,
        CloseSessions,
        SignOutEverywhere,
        GiveAccessPass,
        AskAddressChange,
        CancelAddressChange,
        SetRecoveryMail,
        SetPhone,
        AddSshKey,
        RemoveSshKey,
        SetAutoReply,
        SetAbsence,
        RemoveAutoReply,
        SetForwarding,
        ForwardOutside,
        ForwardAbsent,
        RemoveForwarding,
        AskAlias,
        AddTemporaryAlias,
        RemoveAlias,
        AskQuota,
        ShareMailbox,
        ShareAbsent,
        SignOutAbsent,
        AskSharedBox,
        EndShare,
        JoinList,
        LeaveList,
        AddAppPassword,
        RemoveAppPassword,
        AnythingElse,
    )
}
