"""What monitoring tools export, recognised by its columns and turned into mentions in UTC."""

from crisis.adapters.importers.columns import ColumnMap, column_map_from
from crisis.adapters.importers.read import Import, Seen, read_export, read_exports

__all__ = ["ColumnMap", "Import", "Seen", "column_map_from", "read_export", "read_exports"]
