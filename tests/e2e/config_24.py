"""Configuration of Dovecot 2.3, said in the language of 2.4.

Tests and the harness write 2.3's. What both have in common is left as it is;
what is different and used here is translated: add a rule when a test needs one.
"""
import re

VERSIONS = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"

VARIABLES = (("%Ln", "%{user|username|lower}"), ("%n", "%{user|username}"),
             ("%h", "%{home}"), ("%u", "%{user}"))
PLUGINS = {"zlib": "mail_compress"}
# of plugin { }; None: not needed, 2.4 always does it
PLUGIN_SETTINGS = {
    "acl": lambda value: {"acl_driver": value},
    "acl_shared_dict": lambda value: dict(dict_block("acl_sharing_map",
                                                     value)),
    "quota_vsizes": lambda value: {},
    "zlib_save": lambda value: {"mail_compress_write_method": value},
    "mail_crypt_curve": lambda value: {"crypt_user_key_curve": value},
    "mail_crypt_save_version": lambda value: {},
}
SIEVE_SCRIPTS = ("sieve_before", "sieve_after", "sieve_discard")
LOCATION_OPTIONS = {"INDEX": "mail_index_path", "CONTROL": "mail_control_path",
                    "ALT": "mail_alt_path", "INBOX": "mail_inbox_path",
                    "LAYOUT": "mailbox_list_layout"}


def location(value):
    """{setting: value} of a mail_location"""
    driver, path, *options = value.split(":")
    settings = {"mail_driver": driver, "mail_path": path}
    for option in options:
        name, _, value = option.partition("=")
        settings[LOCATION_OPTIONS[name]] = value
    return settings


def dict_settings(uri):
    """(driver, {setting: value})"""
    driver, _, path = uri.partition(":")
    if driver != "proxy":
        return driver, {"path": path}
    # proxy:SOCKET:NAME
    path, _, name = path.partition(":")
    settings = {"dict_proxy_name": name}
    if path:
        settings["dict_proxy_socket_path"] = path
    return driver, settings


def dict_block(name, uri):
    driver, settings = dict_settings(uri)
    return [(name, [(f"dict {driver}", list(settings.items()))])]


def userdb_fields(fields):
    """A user's fields of userdb, without "userdb_"."""
    translated = {}
    for name, value in fields.items():
        if name == "mail":
            translated.update(location(value))
        elif name == "authres_dict":
            driver, settings = dict_settings(value)
            translated["authres_dict/dict"] = driver
            translated[f"authres_dict/dict/{driver}/driver"] = driver
            for key, path in settings.items():
                translated[f"authres_dict/dict/{driver}/{key}"] = path
        elif name in SIEVE_SCRIPTS:
            translated[f"sieve_script/{name[6:]}/path"] = value
        elif name == "lazy_expunge":
            translated["lazy_expunge_mailbox"] = value
        elif name == "mail_plugins":
            translated[name] = ",".join(
                PLUGINS.get(p, p) for p in value.split(","))
        else:
            translated[name] = value
    return translated


def option(setting):
    """What follows -o."""
    name, _, value = setting.partition("=")
    if name == "plugin/authres_dict":
        driver, _, path = value.partition(":")
        return f"authres_dict/dict/{driver}/path={path}"
    return re.sub(r"^plugin/", "", setting)


def parse(lines):
    """[(name, value or list of such)]; includes and comments as (line, None)"""
    nodes = []
    for line in lines:
        line = line.strip()
        if line == "}":
            break
        if line.endswith("{"):
            nodes.append((line[:-1].strip(), parse(lines)))
        elif line.startswith(("!", "#")):
            nodes.append((line, None))
        elif line:
            name, _, value = line.partition("=")
            nodes.append((name.strip(), value.strip()))
    return nodes


def write(nodes, indent=""):
    text = ""
    for name, value in nodes:
        if value is None:
            text += f"{indent}{name}\n"
        elif isinstance(value, str):
            text += f"{indent}{name} = {value}".rstrip() + "\n"
        else:
            text += (f"{indent}{name} {{\n" + write(value, indent + "  ") +
                     f"{indent}}}\n")
    return text


def plugin_list(value):
    words = [PLUGINS.get(word, word) for word in value.split()]
    if words[:1] == ["$mail_plugins"]:
        return [("mail_plugins", [(word, "yes") for word in words[1:]])]
    return [("mail_plugins", " ".join(words))]


def plugin_settings(nodes):
    """plugin { } is gone: its settings are like others."""
    out, values = [], dict(nodes)
    if "quota" in values:
        what, _, size = values.pop("quota_rule").partition(":")[2].partition("=")
        what = {"storage": "storage_size", "messages": "message_count"}[what]
        name = values.pop("quota").split(":")[1]
        out.append((f'quota "{name}"', [(what, size), ("storage_grace", "0")]))
        if "quota_rule2" in values:
            mailbox, what = values.pop("quota_rule2").split(":")
            assert what == "ignore"
            out.append(("namespace inbox", [
                (f"mailbox {mailbox}", [("quota_ignore", "yes")])]))
    for name, value in values.items():
        if name in ("authres_dict", "authres_history"):
            out += dict_block(name, value)
        elif name == "sieve_extensions":
            out.append((name, [(word.strip("+"), "no" if word[0] == "-" else
                                "yes") for word in value.split()]))
        elif name in SIEVE_SCRIPTS:
            out.append((f"sieve_script {name[6:]}",
                        [("type", name[6:]), ("path", value)]))
        elif name in PLUGIN_SETTINGS:
            out += PLUGIN_SETTINGS[name](value).items()
        else:
            out.append((name, value))
    return out


def passwd_file(kind, nodes):
    values = dict(nodes)
    *options, path = values.pop("args").split()
    out = [("passwd_file_path", variables(path))]
    for word in options:
        name, _, value = word.partition("=")
        assert name == "scheme"
        out.append(("default_password_scheme", value))
    name = "master" if "master" in values else "passwd-file"
    return [(f"{kind} {name}", list(values.items()) + out)]


def metric(name, nodes):
    out = []
    for key, value in nodes:
        if key == "group_by":
            for field in value.split():
                out.append((f"group_by {field}",
                            [("method discrete", [])]))
        else:
            out.append((key, value))
    return [(name, out)]


def event_exporter(name, nodes):
    out = []
    for key, value in nodes:
        if key == "transport":
            out.append(("driver", value))
        elif key == "format_args":
            out.append(("time_format", value.replace("time-", "")))
        else:
            out.append((key, value))
    return [(name, out)]


def variables(value):
    for old, new in VARIABLES:
        value = value.replace(old, new)
    return value


RENAMED = {"service_count": "restart_request_count", "address": "listen"}


def node(name, value):
    kind = name.split()[0]
    if value is None:
        return [(name, None)]
    if isinstance(value, list):
        if kind == "plugin":
            return plugin_settings(value)
        if kind in ("passdb", "userdb"):
            return passwd_file(kind, value)
        if kind == "metric":
            return metric(name, value)
        if kind == "event_exporter":
            return event_exporter(name, value)
        return [(name, translate_nodes(value))]
    if kind == "mail_plugins":
        return plugin_list(value)
    if kind in ("mail_location", "location"):
        value = value.replace("%%h", "%{owner_home}")
        return list(location(value).items())
    if kind == "prefix":
        value = value.replace("%%u", "$user")
    if kind == "import_environment":
        return [(name, [(word, "%{env:" + word + "}")
                        for word in value.split()[1:]])]
    if kind == "mail_attribute_dict":
        return dict_block("mail_attribute", variables(value))
    if kind == "import_environment":
        return [(name, [(word, "%{env:" + word + "}")
                        for word in value.split()[1:]])]
    if kind == "disable_plaintext_auth":
        return [("auth_allow_cleartext", "yes" if value == "no" else "no")]
    if kind == "auth_username_format":
        value = variables(value)
    return [(RENAMED.get(name, name), value)]


def translate_nodes(nodes):
    return [new for name, value in nodes for new in node(name, value)]


def translate(text):
    return VERSIONS + write(translate_nodes(parse(iter(text.splitlines()))))
