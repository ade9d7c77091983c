import QtQuick
import "../controls"
import "../theme"

// The live picture with how fresh it is; the camera is on only while this is asked for.
TestPanel {
    id: panel

    readonly property bool on: Bridge.state.camera_on
    readonly property bool live: on && Bridge.state.fps > 0

    steps: [1, 2, 3].map(step => Words.text("maintenance.steps.camera_" + step))
    test: "camera"

    Rectangle {
        border.color: Theme.outline
        border.width: Theme.hairline
        color: Theme.band
        height: Math.round(width * 9 / 16)
        radius: Theme.smallRadius
        width: Math.min(parent.width, Theme.mm(190))

        Image {
            Accessible.name: Words.text("maintenance.camera.say")
            Accessible.role: Accessible.Graphic
            anchors.fill: parent
            anchors.margins: Theme.hairline
            cache: false
            fillMode: Image.PreserveAspectCrop
            source: panel.live ? "image://photos/live?" + Bridge.pictures.liveFrame : ""
        }
        Label {
            anchors.centerIn: parent
            color: Theme.bandInk
            horizontalAlignment: Text.AlignHCenter
            size: Theme.smallText
            text: Words.text(panel.on ? "maintenance.camera.waiting" : "maintenance.camera.off")
            visible: !panel.live
            width: parent.width - 2 * Theme.gap
        }
    }
    SaidLine {
        objectName: "label:camera"
        text: panel.live ? Words.fill("maintenance.camera.figures", {
            "age": Bridge.state.frame_age_ms,
            "fps": Bridge.state.fps.toFixed(0)
        }) : ""
    }
    PrimaryButton {
        implicitHeight: Theme.mm(26)
        objectName: "button:camera"
        text: Words.text(panel.on ? "maintenance.test.stop" : "maintenance.test.start")
        width: parent.width

        onAct: Bridge.visit.watchCamera(!panel.on)
    }
}
