import QtQuick
import "../theme"

// A service that can be chosen.
Tile {
    id: tile

    required property var service

    Accessible.checkable: false
    Accessible.role: Accessible.Button
    hint: service.minutes === 1 ? Words.text("services.minute") : Words.fill("services.minutes", service)
    iconName: service.icon
    objectName: "service:" + service.service
    repeatTime: Touch.repeatTime
    text: service.label
    ticked: false

    onAct: Bridge.visit.chooseService(service.service)
}
