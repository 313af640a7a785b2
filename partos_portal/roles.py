"""What each role of the Partos team may do in the admin (domain.md 3); `manage.py sync_roles` writes it down.

Integrity and quality dossiers are for their own coordinator only; the functional administrator keeps accounts and
reads the audit trail, and sees no content.
"""

EDIT = ("view", "add", "change", "delete")
KEEP = ("view", "add", "change")
VIEW = ("view",)

ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    "programme staff": {
        "sessions_app.session": (*KEEP, "curate"),
        "sessions_app.series": ("view", "change"),
        "sessions_app.hosting": EDIT,
        "sessions_app.proposer": VIEW,
        "sessions_app.curationnote": VIEW,
        "sessions_app.registration": KEEP,
        "sessions_app.invitation": KEEP,
        "sessions_app.guest": ("view", "delete"),
        "leerlijnen.programme": VIEW,
        "leerlijnen.learningline": ("view", "change"),
        "leerlijnen.track": VIEW,
        "leerlijnen.workstream": ("view", "change"),
        "leerlijnen.partosrole": ("view", "change"),
        "leerlijnen.activity": ("view", "change"),
        "leerlijnen.groupmembership": ("view", "change"),
        "members.organisation": KEEP,
        "members.maildomain": EDIT,
        "members.affiliation": KEEP,
        "members.user": ("view", "add"),  # whoever is made a contact may have no account yet
        "core.outgoingmail": VIEW,
        "core.refusedaddress": VIEW,
        "core.auditentry": VIEW,
        "partos_portal.retentionrun": VIEW,
    },
    "integrity coordinator": {
        "integrity.reportingroute": KEEP,
        "integrity.supportroute": KEEP,
        "integrity.integrityagendaitem": KEEP,
        "core.auditentry": VIEW,  # of what the role may see, as for every role
    },
    "quality coordinator": {
        "quality.certificationbody": KEEP,
        "quality.certificate": KEEP,
        "core.auditentry": VIEW,
    },
    "functional administrator": {
        "members.user": KEEP,
        "members.organisation": VIEW,
        "members.affiliation": VIEW,
        "core.outgoingmail": VIEW,
        "core.refusedaddress": VIEW,
        "core.auditentry": VIEW,
        "partos_portal.retentionrun": VIEW,
    },
}
