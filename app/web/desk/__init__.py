"""Pages for support agents: the queue, one page per ticket, the log."""

from app.web.desk import care as _care  # its routes join the blueprint
from app.web.desk import desk_warnings as _desk_warnings  # its routes join the blueprint
from app.web.desk import diagnosis as _diagnosis  # its routes join the blueprint
from app.web.desk import disputes as _disputes  # its routes join the blueprint
from app.web.desk import files as _files  # its routes join the blueprint
from app.web.desk import find as _find  # its routes join the blueprint
from app.web.desk import incidents as _incidents  # its routes join the blueprint
from app.web.desk import keys as _keys  # its routes join the blueprint
from app.web.desk import knowledge as _knowledge  # its routes join the blueprint
from app.web.desk import known_errors as _known_errors  # its routes join the blueprint
from app.web.desk import links as _links  # its routes join the blueprint
from app.web.desk import lists as _lists  # its routes join the blueprint
from app.web.desk import log_list as _log_list  # its routes join the log's blueprint
from app.web.desk import log_views as _log_views  # its routes join the log's blueprint
from app.web.desk import notes as _notes  # its routes join the blueprint
from app.web.desk import sheets as _sheets  # its routes join the blueprint
from app.web.desk import suspected as _suspected  # its routes join the blueprint
from app.web.desk import talk as _talk  # its routes join the blueprint
from app.web.desk import ticket as _ticket  # its routes join the blueprint
from app.web.desk.logs import blueprint as logs_blueprint
from app.web.desk.queue import blueprint

__all__ = ["blueprint", "logs_blueprint"]
