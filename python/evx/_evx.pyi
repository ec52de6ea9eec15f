from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

__version__: str

class Reader(Iterator[Any]):
    def __init__(
        self,
        path: Optional[bytes],
        data: Optional[bytes],
        file: Any,
        name: Optional[str],
        ansi_codec: Optional[str],
        conditions: Optional[Tuple[Tuple[int, str], ...]],
        form: Optional[Tuple[int, int, int, int]],
        make_record: Optional[Callable[..., Any]],
        make_error: Callable[..., BaseException],
        on_damage: Optional[Callable[[Any], object]],
        checks: bool = False,
        pack: Optional[bytes] = None,
    ) -> None: ...
    def __iter__(self) -> "Reader": ...
    def __next__(self) -> Any: ...
    def render(
        self, chunk: int, offset: int, format: int, compact: int, separate: int, dialect: int, /
    ) -> str: ...
    def set_form(self, format: int, compact: int, separate: int, dialect: int, /) -> None: ...
    def close(self) -> None: ...
    def file_info(self) -> Dict[str, int]: ...
    def query_warnings(self) -> List[str]: ...
