"""Camera and scanner are on only while a screen says so."""

from dataclasses import dataclass

from flows.events import ArmScanner, CloseCamera, Command, DisarmScanner, OpenCamera
from flows.life.lifecycle import Cover, State
from flows.ports import USABLE_STATES, Device, DeviceState

_CAMERA = frozenset({State.SCAN, State.PHOTO})
_SCANNER = frozenset({State.SCAN})


@dataclass(slots=True)
class Switches:
    """What is switched on now. `camera_usable` remembers whether the camera could have heard the last
    command.
    """

    camera: bool = False
    scanner: bool = False
    camera_usable: bool = False

    def settle(self, state: State, cover: Cover, devices: dict[Device, DeviceState]) -> list[Command]:
        """Commands that bring the devices to where the screen needs them; a camera that came back is opened
        again.
        """
        usable = devices[Device.CAMERA] in USABLE_STATES
        came_back = usable and not self.camera_usable
        self.camera_usable = usable
        visible = cover is not Cover.EMERGENCY
        commands: list[Command] = []
        camera = visible and state in _CAMERA
        if camera and (not self.camera or came_back):
            commands.append(OpenCamera())
        if self.camera and not camera:
            commands.append(CloseCamera())
        scanner = visible and state in _SCANNER
        if scanner != self.scanner:
            commands.append(ArmScanner() if scanner else DisarmScanner())
        self.camera, self.scanner = camera, scanner
        return commands
